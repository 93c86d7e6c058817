"""The words of ``radar explain`` in English, simplified and traditional Chinese (docs/glossary.md)."""

from contextlib import suppress
from datetime import UTC, tzinfo

import msgspec

from radar.errors import InputError
from radar.instant import Instant
from radar.outputs import Change, Fact, Level, Reason, WarningKind
from radar.stages import OrderPhase, Stage
from radar.timeline import Expectation
from radar.wall_clock import zone_of
from radar.wording import LANGUAGES, say
from radar.wording_figures import show_duration, show_instant, show_ratio

Three = tuple[str, str, str]
"""The same in each of ``LANGUAGES``."""

_STAGES: dict[Stage, Three] = {
    Stage.PLACED: ("placed", "下单", "下單"),
    Stage.VALIDATED: ("validated", "审核", "審核"),
    Stage.PAID: ("paid", "付款", "付款"),
    Stage.ALLOCATED: ("allocated", "配货", "配貨"),
    Stage.PRODUCED: ("produced", "生产完成", "生產完成"),
    Stage.PICKED: ("picked", "拣货", "揀貨"),
    Stage.PACKED: ("packed", "打包", "包裝"),
    Stage.HANDED_OVER: ("handed-over", "揽收", "攬收"),
    Stage.IN_TRANSIT: ("in-transit", "运输中", "運輸中"),
    Stage.OUT_FOR_DELIVERY: ("out-for-delivery", "派送中", "派送中"),
    Stage.DELIVERED: ("delivered", "签收", "簽收"),
}
_PHASES: dict[OrderPhase, Three] = {
    OrderPhase.OPEN: ("open", "进行中", "進行中"),
    OrderPhase.HELD: ("held", "已拦截", "已攔截"),
    OrderPhase.DELIVERED: ("delivered", "已签收", "已簽收"),
    OrderPhase.CANCELLED: ("cancelled", "已取消", "已取消"),
    OrderPhase.LOST: ("lost", "已丢失", "已遺失"),
    OrderPhase.QUARANTINED: ("put aside as poison", "已隔离", "已隔離"),
    OrderPhase.RETURNED: ("returned", "已退回", "已退回"),
}
_KINDS: dict[WarningKind, Three] = {
    WarningKind.STAGE_OVERDUE: ("stage overdue", "环节超时", "環節逾時"),
    WarningKind.PREDICTED_LATE: ("predicted late", "预计延误", "預計延誤"),
    WarningKind.PROMISE_BROKEN: ("promise broken", "承诺已过", "承諾已過"),
    WarningKind.ORDER_HELD: ("order held", "订单被拦截", "訂單被攔截"),
    WarningKind.ORDER_SUSPECT: ("order suspect", "订单可疑", "訂單可疑"),
    WarningKind.ORDER_SILENT: ("order silent", "订单无消息", "訂單無消息"),
    WarningKind.SOURCE_SILENT: ("source silent", "数据源中断", "資料源中斷"),
    WarningKind.DRIFT: ("drift", "规律变化", "規律變化"),
    WarningKind.CAPACITY_OVERLOAD: ("overload ahead", "产能将超载", "產能將超載"),
    WarningKind.STOCK_OUT_AHEAD: ("stock-out ahead", "即将缺货", "即將缺貨"),
    WarningKind.QUALITY_CLUSTER: ("quality cluster", "质量问题聚集", "品質問題聚集"),
    WarningKind.COMPLAINT_HOT_SPOT: ("complaint hot spot", "投诉热点", "客訴熱點"),
}
_CHANGES: dict[Change, Three] = {
    Change.RAISED: ("raised", "发出", "發出"),
    Change.UPDATED: ("updated", "更新", "更新"),
    Change.RESOLVED: ("resolved", "解除", "解除"),
    Change.WITHDRAWN: ("withdrawn", "撤回", "撤回"),
}
_LEVELS: dict[Level, Three] = {
    Level.NOTICE: ("notice", "提示", "提示"),
    Level.WARNING: ("warning", "预警", "預警"),
    Level.CRITICAL: ("critical", "严重", "嚴重"),
}
_TEXTS: dict[str, Three] = {
    "order": ("Order", "订单", "訂單"),
    "promise": ("promise", "承诺交期", "承諾交期"),
    "repromise": ("re-promised", "重新承诺", "重新承諾"),
    "no-promise": ("no promise", "无承诺交期", "無承諾交期"),
    "late": ("late", "延误", "延誤"),
    "clock": ("radar's clock", "雷达时钟", "雷達時鐘"),
    "times": ("times in", "时区", "時區"),
    "milestones": ("Milestones", "里程碑", "里程碑"),
    "stage": ("stage", "环节", "環節"),
    "reached": ("reached", "完成", "完成"),
    "due": ("due", "应完成", "應完成"),
    "lateness": ("lateness", "偏差", "偏差"),
    "arithmetic": ("how it was due", "计算", "計算"),
    "implied": ("(implied)", "（推定）", "（推定）"),
    "overdue-after": ("overdue after", "超时界限", "逾時界限"),
    "warnings": ("Warnings", "预警", "預警"),
    "none": ("none", "无", "無"),
    "risk": ("Probability of being late", "延误概率", "延誤機率"),
    "adds-up": (
        "the figures add up to log-odds of {sum}, a probability of {share}",
        "以上数值合计为对数几率{sum}，即概率{share}",
        "以上數值合計為對數勝算{sum}，即機率{share}",
    ),
    "ahead": ("Load ahead", "未来负荷", "未來負荷"),
    "day": ("day", "日期", "日期"),
    "load": ("orders to do", "待处理单量", "待處理單量"),
    "capacity": ("can do", "能力（单）", "產能（單）"),
    "use": ("load", "负荷率", "負荷率"),
    "no-plan": (
        "nothing is planned yet: too little passes there, or no day has ended since the first order",
        "尚无计划：单量过少，或首单以来尚未满一天",
        "尚無計畫：單量過少，或首單以來尚未滿一天",
    ),
    "calibration": ("the calibration", "校准", "校準"),
    "ended": ("the order has ended", "订单已结束", "訂單已結束"),
    "promise-passed": ("the promise has passed", "承诺交期已过", "承諾交期已過"),
    "stands": ("stands", "未解除", "未解除"),
    "grace": ("grace", "容差", "容差"),
    "other-rules": (
        "The store was written under other rules than these; name them with --rules to see their arithmetic.",
        "该库由另一套规则写入；请用 --rules 指定，以显示其计算。",
        "該庫由另一套規則寫入；請用 --rules 指定，以顯示其計算。",
    ),
    "elapsed": ("{time} after {start} -> {due}", "{start} 起 {time} -> {due}", "{start} 起 {time} -> {due}"),
    "working": (
        "{time} of work after {start} -> {due} ({calendar}, {zone})",
        "{start} 起工作时间 {time} -> {due}（{calendar}，{zone}）",
        "{start} 起工作時間 {time} -> {due}（{calendar}，{zone}）",
    ),
    "ship-by": (
        "the seller's own limit to hand over: {due}",
        "卖家承诺的交运期限：{due}",
        "賣家承諾的交運期限：{due}",
    ),
}


class Words:
    """The words of one language, times in one zone."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        self._index = LANGUAGES.index(language)
        self._language = language
        self._zone = zone

    def text(self, code: str, **parts: str) -> str:
        """Return a text of the screen."""
        return _TEXTS[code][self._index].format(**parts)

    def stage(self, stage: Stage) -> str:
        """Return the name of a stage."""
        return _STAGES[stage][self._index]

    def phase(self, phase: OrderPhase) -> str:
        """Return how an order stands."""
        return _PHASES[phase][self._index]

    def kind(self, kind: WarningKind) -> str:
        """Return what a warning is about; kinds of later versions by their code."""
        return _KINDS[kind][self._index] if kind in _KINDS else kind.value

    def change(self, change: Change) -> str:
        """Return what happened to a warning."""
        return _CHANGES[change][self._index]

    def level(self, level: Level) -> str:
        """Return how loud a warning is."""
        return _LEVELS[level][self._index]

    def when(self, at: Instant) -> str:
        """Return an instant on the reader's clock, seconds only where there are some."""
        return show_instant(at, self._zone, self._language, seconds=True)

    def day(self, at: Instant, zone: str) -> str:
        """Return the day that begins with an instant, midnight in a zone; UTC where no zone has that name."""
        known: tzinfo = UTC
        with suppress(InputError):
            known = zone_of(zone)
        return show_instant(at, known, self._language).rsplit(" ", 1)[0]

    def duration(self, duration_us: float) -> str:
        """Return a duration in its natural unit."""
        return show_duration(duration_us, self._language)

    def rule(self, rule: str) -> str:
        """Return what a rule is about: the name of its stage, where it is one of a stage."""
        return self.stage(Stage[rule]) if rule in Stage.__members__ else rule

    def share(self, share: float) -> str:
        """Return a share in hundredths."""
        return show_ratio(share)

    def reason(self, said: Reason) -> str:
        """Return a reason as a sentence, its stages and phases in words too."""
        facts = tuple(Fact(fact.name, self._fact(fact)) for fact in said.facts)
        return say(msgspec.structs.replace(said, facts=facts), self._language, self._zone)

    def arithmetic(self, expected: Expectation) -> str:
        """Return how a due time came about: ``2 h of work after Fri 17:30 -> Mon 09:30 (office, Asia/Shanghai)``."""
        if expected.is_ship_by:
            return self.text("ship-by", due=self.when(expected.due_at))
        time = self.duration(expected.standard.duration_us)
        calendar = expected.standard.calendar
        if calendar is None:
            return self.text("elapsed", time=time, start=self.when(expected.started_at), due=self.when(expected.due_at))
        zone = zone_of(calendar.zone)  # working time is told on the clock of its calendar
        return self.text(
            "working",
            time=time,
            start=show_instant(expected.started_at, zone, self._language, seconds=True),
            due=show_instant(expected.due_at, zone, self._language, seconds=True),
            calendar=calendar.name,
            zone=calendar.zone,
        )

    def _fact(self, fact: Fact) -> str | int | float:
        if fact.name in ("stage", "series"):
            if fact.value == "calibration":
                return self.text("calibration")
            return next((self.stage(stage) for stage in Stage if stage.label == fact.value), fact.value)
        if fact.name == "phase" and fact.value in list(OrderPhase):
            return self.phase(OrderPhase(fact.value))
        return fact.value
