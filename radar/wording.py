"""Reasons as sentences: one template a code and language, figures put in by name.

A ``Reason`` carries figures, not prose, so that a board, a message and a report can say it in the reader's
language. Fact names end in their unit: ``*_at`` instants, ``*_us`` durations, ``*_ratio`` shares.
"""

from datetime import tzinfo

from radar.instant import Instant
from radar.outputs import Fact, Reason
from radar.wording_figures import LANGUAGES, show_duration, show_instant, show_name, show_ratio
from radar.wording_risk import RISK

__all__ = ["LANGUAGES", "TEMPLATES", "reason", "say", "show_duration"]

TEMPLATES: dict[str, tuple[str, str, str]] = {
    **RISK,
    "stage.overdue": (
        "{stage} was due {due_at} ({standard_us} after {started_at}) and is not reported {grace_us} later",
        "{stage}应于{due_at}完成（{started_at}起{standard_us}），超过{grace_us}仍无报告",
        "{stage}應於{due_at}完成（{started_at}起{standard_us}），超過{grace_us}仍無回報",
    ),
    "stage.reached": ("{stage} was reported", "{stage}已报告", "{stage}已回報"),
    "stock.out": (
        "{shelf} has {free} pieces free for {a_day} a day and runs out {out_at}, in {lead_us}; nothing is on its way",
        "{shelf}可用{free}件，日均需求{a_day}件，预计{out_at}（{lead_us}后）缺货；无在途补货",
        "{shelf}可用{free}件，日均需求{a_day}件，預計{out_at}（{lead_us}後）缺貨；無在途補貨",
    ),
    "stock.out-before": (
        "{shelf} has {free} pieces free for {a_day} a day and runs out {out_at}, in {lead_us}; "
        "the next {pieces} pieces are expected {supply_at}",
        "{shelf}可用{free}件，日均需求{a_day}件，预计{out_at}（{lead_us}后）缺货；下一批{pieces}件预计{supply_at}到货",
        "{shelf}可用{free}件，日均需求{a_day}件，預計{out_at}（{lead_us}後）缺貨；下一批{pieces}件預計{supply_at}到貨",
    ),
    "stock.covered": (
        "what is on its way comes to {shelf} in time",
        "{shelf}的在途补货可及时到货",
        "{shelf}的在途補貨可及時到貨",
    ),
    "quality.cluster": (
        "{subject}: {bad} of {trials} inspections failed since {since_at}, {found_ratio} against {usual_ratio} usually",
        "{subject}：自{since_at}起{trials}次检验中{bad}次不合格，不合格率{found_ratio}，平时为{usual_ratio}",
        "{subject}：自{since_at}起{trials}次檢驗中{bad}次不合格，不合格率{found_ratio}，平時為{usual_ratio}",
    ),
    "quality.cluster.over": (
        "{subject} fails no more often than usual",
        "{subject}的不合格率已恢复正常",
        "{subject}的不合格率已恢復正常",
    ),
    "complaints.hot-spot": (
        "{subject}: {bad} complaints against {trials} deliveries since {since_at}, "
        "{found_ratio} against {usual_ratio} usually",
        "{subject}：自{since_at}起{trials}单妥投对应{bad}起投诉，投诉率{found_ratio}，平时为{usual_ratio}",
        "{subject}：自{since_at}起{trials}單妥投對應{bad}起客訴，客訴率{found_ratio}，平時為{usual_ratio}",
    ),
    "complaints.hot-spot.over": (
        "{subject} has no more complaints than usual",
        "{subject}的投诉已恢复正常",
        "{subject}的客訴已恢復正常",
    ),
    "drift.stage": (
        "stage {stage} takes {shift_ratio} longer than it used to since {since_at} ({count} orders)",
        "自{since_at}起，{stage}耗时比以往长{shift_ratio}（{count}个订单）",
        "自{since_at}起，{stage}耗時比以往長{shift_ratio}（{count}個訂單）",
    ),
    "drift.stage-faster": (
        "stage {stage} takes {shift_ratio} less time than it used to since {since_at} ({count} orders)",
        "自{since_at}起，{stage}耗时比以往短{shift_ratio}（{count}个订单）",
        "自{since_at}起，{stage}耗時比以往短{shift_ratio}（{count}個訂單）",
    ),
    "drift.calibration": (
        "{shift_ratio} more orders than predicted come late since {since_at} ({count} orders)",
        "自{since_at}起，延误订单比预测多{shift_ratio}（{count}个订单）",
        "自{since_at}起，延誤訂單比預測多{shift_ratio}（{count}個訂單）",
    ),
    "drift.calibration-less": (
        "{shift_ratio} fewer orders than predicted come late since {since_at} ({count} orders)",
        "自{since_at}起，延误订单比预测少{shift_ratio}（{count}个订单）",
        "自{since_at}起，延誤訂單比預測少{shift_ratio}（{count}個訂單）",
    ),
    "drift.over": (
        "{series} is back at its usual, changed since {since_at}",
        "{series}自{since_at}起的变化已恢复正常",
        "{series}自{since_at}起的變化已恢復正常",
    ),
    "capacity.overload": (
        "{subject} will have {load} orders to do on the day that begins {day_at} and can do {capacity}; "
        "{lead_us} ahead",
        "{subject}在{day_at}开始的一天需处理{load}单，能力为{capacity}单；提前{lead_us}",
        "{subject}在{day_at}開始的一天需處理{load}單，產能為{capacity}單；提前{lead_us}",
    ),
    "capacity.overload-today": (
        "{subject} has {load} orders to do on the day that begins {day_at} and can do {capacity}",
        "{subject}在{day_at}开始的一天需处理{load}单，能力为{capacity}单",
        "{subject}在{day_at}開始的一天需處理{load}單，產能為{capacity}單",
    ),
    "capacity.never-asked": (
        "{subject} will have {load} orders to do on the day that begins {day_at}, "
        "far above the {capacity} it ever had to; its limit is not known; {lead_us} ahead",
        "{subject}在{day_at}开始的一天需处理{load}单，远超以往最高的{capacity}单，其上限未知；提前{lead_us}",
        "{subject}在{day_at}開始的一天需處理{load}單，遠超以往最高的{capacity}單，其上限未知；提前{lead_us}",
    ),
    "capacity.never-asked-today": (
        "{subject} has {load} orders to do on the day that begins {day_at}, far above the {capacity} it ever had to; "
        "its limit is not known",
        "{subject}在{day_at}开始的一天需处理{load}单，远超以往最高的{capacity}单，其上限未知",
        "{subject}在{day_at}開始的一天需處理{load}單，遠超以往最高的{capacity}單，其上限未知",
    ),
    "capacity.eased": (
        "{subject} can do what the next days ask",
        "{subject}未来几天的能力足够",
        "{subject}未來幾天的產能足夠",
    ),
    "promise.broken": (
        "the promise of {promise_at} passed and the order is not delivered",
        "承诺时间{promise_at}已过，订单尚未送达",
        "承諾時間{promise_at}已過，訂單尚未送達",
    ),
    "order.held": ("held at entry: {reason} {note}", "录入时被拦截：{reason} {note}", "輸入時被攔截：{reason} {note}"),
    "order.released": ("released", "已放行", "已放行"),
    "order.closed": ("the order ended: {phase}", "订单已结束：{phase}", "訂單已結束：{phase}"),
    "order.silent": (
        "nothing heard since {heard_at}, longer than {limit_us}",
        "自{heard_at}起无任何消息，超过{limit_us}",
        "自{heard_at}起無任何消息，超過{limit_us}",
    ),
    "order.heard": ("the order was heard of again", "订单恢复更新", "訂單恢復更新"),
    "source.silent": (
        "{source} has sent nothing since {heard_at}, longer than {limit_us}",
        "{source}自{heard_at}起未发送数据，超过{limit_us}",
        "{source}自{heard_at}起未傳送資料，超過{limit_us}",
    ),
    "source.heard": ("{source} speaks again", "{source}已恢复", "{source}已恢復"),
    "suspect.quantity": (
        "{quantity} pieces of {item} in one line, more than {limit}",
        "单行商品{item}数量{quantity}，超过{limit}",
        "單行商品{item}數量{quantity}，超過{limit}",
    ),
    "suspect.empty-line": ("line {item} orders nothing", "商品{item}数量为零", "商品{item}數量為零"),
    "suspect.value": (
        "a value of {value}, more than {limit}",
        "订单金额{value}，超过{limit}",
        "訂單金額{value}，超過{limit}",
    ),
    "suspect.promise-near": (
        "promised {window_us} after entry, less than {limit_us}",
        "承诺时间距下单仅{window_us}，少于{limit_us}",
        "承諾時間距下單僅{window_us}，少於{limit_us}",
    ),
    "suspect.promise-far": (
        "promised {window_us} after entry, more than {limit_us}",
        "承诺时间距下单{window_us}，超过{limit_us}",
        "承諾時間距下單{window_us}，超過{limit_us}",
    ),
}
"""Code -> sentence in each of ``LANGUAGES``."""


def reason(code: str, weight: float = 0.0, **facts: str | int | float) -> Reason:
    """Return a reason with its figures by name."""
    return Reason(code, tuple(Fact(name, value) for name, value in facts.items()), weight)


def say(said: Reason, language: str = "en", zone: tzinfo | None = None) -> str:
    """Return a reason as a sentence; what it adds to the log-odds stands behind it.

    Args:
        said: The reason.
        language: One of ``LANGUAGES``; others fall back to English.
        zone: Where times are shown; None shows UTC.
    """
    templates = TEMPLATES.get(said.code)
    shown = {fact.name: _show(fact, zone, language) for fact in said.facts}
    if templates is None:
        return ", ".join([said.code, *(f"{name} {value}" for name, value in shown.items())])
    index = LANGUAGES.index(language) if language in LANGUAGES else 0
    sentence = templates[index].format_map(shown)
    if not said.weight:
        return sentence
    return f"{sentence}{': ' if index == 0 else '：'}{round(said.weight, 2) + 0.0:+.2f}"  # no -0.00


def _show(fact: Fact, zone: tzinfo | None, language: str) -> str:
    value, name = fact.value, fact.name
    if isinstance(value, str):
        return show_name(value, language) if name in _NAMED else value
    if name.endswith("_us"):
        return show_duration(value, language)
    if name.endswith("_ratio"):
        return show_ratio(value)
    if name.endswith("_at"):
        return show_instant(Instant(int(value)), zone, language)
    return f"{value:,.10g}"


_NAMED = frozenset({"note", "reason"})
"""Facts that hold words of the contract."""
