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
    "risk.segment": (
        "of {count} orders like it on {segment}, {late_ratio} needed longer than is left",
        "{segment}的{count}个同类订单中，{late_ratio}所需时间超过剩余时间",
        "{segment}的{count}個同類訂單中，{late_ratio}所需時間超過剩餘時間",
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
    """Return a reason as a sentence.

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
    return templates[index].format_map(shown)


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
