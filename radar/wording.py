"""Reasons as sentences: one template a code and language, figures put in by name.

A ``Reason`` carries figures, not prose, so that a board, a message and a report can say it in the reader's
language. Fact names end in their unit: ``*_at`` instants, ``*_us`` durations, ``*_ratio`` shares.
"""

from collections.abc import Callable
from datetime import tzinfo

from radar.instant import DAY_US, HOUR_US, MINUTE_US, Instant, to_datetime
from radar.outputs import Fact, Reason

LANGUAGES = ("en", "zh-CN", "zh-TW")

TEMPLATES: dict[str, tuple[str, str, str]] = {
    "stage.overdue": (
        "{stage} was due {due_at} ({standard_us} after {started_at}) and is not reported {grace_us} later",
        "{stage}应于{due_at}完成（{started_at}起{standard_us}），超过{grace_us}仍无报告",
        "{stage}應於{due_at}完成（{started_at}起{standard_us}），超過{grace_us}仍無回報",
    ),
    "stage.reached": ("{stage} was reported", "{stage}已报告", "{stage}已回報"),
    "risk": (
        "{late_ratio} likely to miss the promise of {promise_at}",
        "错过承诺时间{promise_at}的概率为{late_ratio}",
        "錯過承諾時間{promise_at}的機率為{late_ratio}",
    ),
    "risk.within": (
        "{late_ratio} ({lo_ratio} to {hi_ratio}) likely to miss the promise of {promise_at}",
        "错过承诺时间{promise_at}的概率为{late_ratio}（{lo_ratio}至{hi_ratio}）",
        "錯過承諾時間{promise_at}的機率為{late_ratio}（{lo_ratio}至{hi_ratio}）",
    ),
    "risk.fell": (
        "the risk of being late fell to {late_ratio}",
        "延误风险降至{late_ratio}",
        "延誤風險降至{late_ratio}",
    ),
    "risk.stage": (
        "{elapsed_us} since {stage}; {left_us} left until the promise",
        "{stage}后已过{elapsed_us}，距承诺还有{left_us}",
        "{stage}後已過{elapsed_us}，距承諾還有{left_us}",
    ),
    "risk.usual": (
        "to {place} a parcel usually takes {usual_us}, everywhere {average_us}",
        "{place}通常需{usual_us}，整体平均{average_us}",
        "{place}通常需{usual_us}，整體平均{average_us}",
    ),
    "risk.slow": (
        "{segment} delivers {slower_ratio} less than expected this week",
        "本周{segment}妥投量比预期低{slower_ratio}",
        "本週{segment}妥投量比預期低{slower_ratio}",
    ),
    "risk.fast": (
        "{segment} delivers {faster_ratio} more than expected this week",
        "本周{segment}妥投量比预期高{faster_ratio}",
        "本週{segment}妥投量比預期高{faster_ratio}",
    ),
    "risk.recent": ("recent deliveries on the way {place}", "{place}近期妥投情况", "{place}近期妥投情況"),
    "risk.supplier-slow": (
        "parcels of {supplier} take {longer_ratio} longer than others on the same way",
        "{supplier}的包裹比同线路其他包裹慢{longer_ratio}",
        "{supplier}的包裹比同線路其他包裹慢{longer_ratio}",
    ),
    "risk.supplier-quick": (
        "parcels of {supplier} take {shorter_ratio} less time than others on the same way",
        "{supplier}的包裹比同线路其他包裹快{shorter_ratio}",
        "{supplier}的包裹比同線路其他包裹快{shorter_ratio}",
    ),
    "risk.limit-missed": (
        "the limit to hand over was missed by {late_us}",
        "超过交运期限{late_us}",
        "超過交運期限{late_us}",
    ),
    "risk.limit-kept": (
        "{early_us} ahead of the limit to hand over",
        "比交运期限提前{early_us}",
        "比交運期限提前{early_us}",
    ),
    "risk.parcel": (
        "a parcel of {weight_kg} kg over {distance_km} km",
        "包裹{weight_kg}公斤，运距{distance_km}公里",
        "包裹{weight_kg}公斤，運距{distance_km}公里",
    ),
    "risk.parcel-unknown": (
        "what is known of the parcel, and what is not",
        "包裹信息（不完整）",
        "包裹資訊（不完整）",
    ),
    "risk.slow-all": (
        "all deliveries run {slower_ratio} below what was expected this week",
        "本周整体妥投量比预期低{slower_ratio}",
        "本週整體妥投量比預期低{slower_ratio}",
    ),
    "risk.fast-all": (
        "all deliveries run {faster_ratio} above what was expected this week",
        "本周整体妥投量比预期高{faster_ratio}",
        "本週整體妥投量比預期高{faster_ratio}",
    ),
    "risk.reached": (
        "how orders at stage {stage} usually go on",
        "处于{stage}环节的订单的通常进展",
        "處於{stage}環節的訂單的通常進展",
    ),
    "risk.days": (
        "{days} of the days left are weekends or holidays",
        "剩余时间内有{days}天周末或节假日",
        "剩餘時間內有{days}天週末或節假日",
    ),
    "risk.conditions": (
        "the conditions named cost {extra_us}",
        "上述情况预计耗时{extra_us}",
        "上述情況預計耗時{extra_us}",
    ),
    "risk.learned": (
        "what became of orders judged like it",
        "同类判断订单的实际结果",
        "同類判斷訂單的實際結果",
    ),
    "risk.left": (
        "after {stage} orders like it usually need {usual_us} more; {left_us} are left",
        "{stage}后同类订单通常还需{usual_us}，现剩{left_us}",
        "{stage}後同類訂單通常還需{usual_us}，現剩{left_us}",
    ),
    "risk.queue": (
        "the queue at {place} before {stage} takes {extra_us} longer than usual",
        "{place}{stage}前的排队比平时多{extra_us}",
        "{place}{stage}前的排隊比平時多{extra_us}",
    ),
    "risk.rest": ("smaller things together", "其他较小因素合计", "其他較小因素合計"),
    "condition.line-down": (
        "line {subject} is down since {since_at}, back expected {until_at}: +{extra_us}",
        "产线{subject}自{since_at}停机，预计{until_at}恢复：+{extra_us}",
        "產線{subject}自{since_at}停機，預計{until_at}恢復：+{extra_us}",
    ),
    "condition.line-down-open": (
        "line {subject} is down since {since_at}, nobody says until when: +{extra_us}",
        "产线{subject}自{since_at}停机，恢复时间未知：+{extra_us}",
        "產線{subject}自{since_at}停機，恢復時間未知：+{extra_us}",
    ),
    "condition.line-slow": (
        "line {subject} runs at {speed_ratio} since {since_at}: +{extra_us}",
        "产线{subject}自{since_at}起以{speed_ratio}速度运行：+{extra_us}",
        "產線{subject}自{since_at}起以{speed_ratio}速度運行：+{extra_us}",
    ),
    "condition.weather": (
        "{note} in {subject} from {from_at} to {until_at}: +{extra_us}",
        "{subject}{from_at}至{until_at}有{note}天气：+{extra_us}",
        "{subject}{from_at}至{until_at}有{note}天氣：+{extra_us}",
    ),
    "condition.closure": (
        "{subject} is closed since {since_at} ({note}), open again {until_at}: +{extra_us}",
        "{subject}自{since_at}封闭（{note}），预计{until_at}开放：+{extra_us}",
        "{subject}自{since_at}封閉（{note}），預計{until_at}開放：+{extra_us}",
    ),
    "condition.closure-open": (
        "{subject} is closed since {since_at} ({note}), nobody says until when: +{extra_us}",
        "{subject}自{since_at}封闭（{note}），开放时间未知：+{extra_us}",
        "{subject}自{since_at}封閉（{note}），開放時間未知：+{extra_us}",
    ),
    "condition.vehicle-late": (
        "vehicle {note} on {subject} runs late since {since_at}: +{extra_us}",
        "{subject}上的车辆{note}自{since_at}起晚点：+{extra_us}",
        "{subject}上的車輛{note}自{since_at}起誤點：+{extra_us}",
    ),
    "condition.couriers-short": (
        "{subject} has {waiting} parcels for couriers who can take {capacity}: +{extra_us}",
        "{subject}有{waiting}件待派，快递员运力{capacity}件：+{extra_us}",
        "{subject}有{waiting}件待派，快遞員運力{capacity}件：+{extra_us}",
    ),
    "condition.supply-late": (
        "goods of {subject} promised {from_at} are expected {until_at}: +{extra_us}",
        "{subject}承诺{from_at}的货预计{until_at}到：+{extra_us}",
        "{subject}承諾{from_at}的貨預計{until_at}到：+{extra_us}",
    ),
    "condition.backlog": (
        "{waiting} orders wait at {subject}, more than usual since {since_at}: +{extra_us}",
        "{subject}有{waiting}个订单排队，自{since_at}起多于平常：+{extra_us}",
        "{subject}有{waiting}個訂單排隊，自{since_at}起多於平常：+{extra_us}",
    ),
    "condition.exception": (
        "the carrier reported {reason} on {since_at}: +{extra_us}",
        "承运商于{since_at}报告{reason}：+{extra_us}",
        "承運商於{since_at}回報{reason}：+{extra_us}",
    ),
    "condition.carrier-eta": (
        "the carrier expects to deliver {eta_at}, later than usual: +{extra_us}",
        "承运商预计{eta_at}送达，晚于平常：+{extra_us}",
        "承運商預計{eta_at}送達，晚於平常：+{extra_us}",
    ),
    "condition.stock-short": (
        "it waits for {subject}, short since {since_at}, filled again {until_at}: +{extra_us}",
        "等待{subject}到货，自{since_at}起缺货，预计{until_at}补货：+{extra_us}",
        "等待{subject}到貨，自{since_at}起缺貨，預計{until_at}補貨：+{extra_us}",
    ),
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
        "{stage} takes {shift_ratio} longer than it used to since {since_at} ({count} orders)",
        "自{since_at}起，{stage}耗时比以往长{shift_ratio}（{count}个订单）",
        "自{since_at}起，{stage}耗時比以往長{shift_ratio}（{count}個訂單）",
    ),
    "drift.stage-faster": (
        "{stage} takes {shift_ratio} less than it used to since {since_at} ({count} orders)",
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
        "{subject} will have {load} orders to do {day_at} and can do {capacity}; {lead_us} ahead",
        "{subject}在{day_at}需处理{load}单，能力为{capacity}单；提前{lead_us}",
        "{subject}在{day_at}需處理{load}單，產能為{capacity}單；提前{lead_us}",
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
    shown = {fact.name: _show(fact, zone) for fact in said.facts}
    if templates is None:
        return ", ".join([said.code, *(f"{name} {value}" for name, value in shown.items())])
    index = LANGUAGES.index(language) if language in LANGUAGES else 0
    sentence = templates[index].format_map(shown)
    return f"{sentence}{': ' if index == 0 else '：'}{said.weight:+.2f}" if said.weight else sentence


def _show(fact: Fact, zone: tzinfo | None) -> str:
    value = fact.value
    if isinstance(value, str):
        return value
    for suffix, show in _SHOW.items():
        if fact.name.endswith(suffix):
            return show(value)
    if fact.name.endswith("_at"):
        return _show_instant(Instant(int(value)), zone)
    return f"{value:,.10g}"


def _show_instant(at: Instant, zone: tzinfo | None) -> str:
    if zone is None:
        return f"{to_datetime(at):%a %Y-%m-%d %H:%M} UTC"
    return f"{to_datetime(at).astimezone(zone):%a %Y-%m-%d %H:%M}"


def show_duration(duration_us: float) -> str:
    """Return a duration in its natural unit.

    >>> show_duration(90 * 60 * 1_000_000), show_duration(5 * 86_400_000_000)
    ('1.5 h', '5 d')
    """
    if abs(duration_us) >= 2 * DAY_US:
        return f"{round(duration_us / DAY_US, 1):g} d"
    if abs(duration_us) >= HOUR_US:
        return f"{round(duration_us / HOUR_US, 1):g} h"
    return f"{round(duration_us / MINUTE_US, 1):g} min"


def _show_ratio(ratio: float) -> str:
    return f"{100 * ratio:.0f} %"


_SHOW: dict[str, Callable[[float], str]] = {"_us": show_duration, "_ratio": _show_ratio}
