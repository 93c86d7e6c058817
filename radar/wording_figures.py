"""Figures of a reason in the reader's language: instants, durations, shares, and the contract's own words."""

from datetime import tzinfo

from radar.events.common import ReasonCode
from radar.instant import DAY_US, HOUR_US, MINUTE_US, Instant, to_datetime

LANGUAGES = ("en", "zh-CN", "zh-TW")

_UNITS = {"en": ("d", "h", "min"), "zh-CN": ("天", "小时", "分钟"), "zh-TW": ("天", "小時", "分鐘")}
_WEEKDAYS = "一二三四五六日"
_WEEK = {"zh-CN": "周", "zh-TW": "週"}
_NAMES: dict[str, tuple[str, str]] = {
    ReasonCode.ADDRESS: ("地址问题", "地址問題"),
    ReasonCode.RECIPIENT_ABSENT: ("收件人不在", "收件人不在"),
    ReasonCode.REFUSED: ("拒收", "拒收"),
    ReasonCode.WEATHER: ("天气", "天氣"),
    ReasonCode.BREAKDOWN: ("故障", "故障"),
    ReasonCode.CUSTOMS: ("海关", "海關"),
    ReasonCode.PAST_CUT_OFF: ("错过截单时间", "錯過截單時間"),
    ReasonCode.CONGESTION: ("拥堵", "壅塞"),
    ReasonCode.ROAD_CLOSURE: ("道路封闭", "道路封閉"),
    ReasonCode.DAMAGED: ("破损", "破損"),
    ReasonCode.LOST: ("丢失", "遺失"),
    ReasonCode.RETURNED: ("退回", "退回"),
    ReasonCode.MISSORT: ("错分", "錯分"),
    ReasonCode.SHORT_STOCK: ("缺货", "缺貨"),
    ReasonCode.SUPPLIER: ("供应商原因", "供應商原因"),
    ReasonCode.QUALITY: ("质量问题", "品質問題"),
    ReasonCode.CAPACITY: ("产能不足", "產能不足"),
    ReasonCode.STRIKE: ("罢工", "罷工"),
    ReasonCode.POWER: ("停电", "停電"),
    ReasonCode.DATA: ("数据问题", "資料問題"),
    ReasonCode.OTHER: ("其他原因", "其他原因"),
    "rain": ("降雨", "降雨"),
    "heavy-rain": ("暴雨", "暴雨"),
    "snow": ("降雪", "降雪"),
    "typhoon": ("台风", "颱風"),
    "storm": ("风暴", "風暴"),
    "heat": ("高温", "高溫"),
    "flood": ("洪水", "洪水"),
    "fire": ("火灾", "火災"),
    "fog": ("大雾", "大霧"),
    "wind": ("大风", "大風"),
}
"""Words of the contract, and usual hazards, in simplified and traditional Chinese; others are shown as they came."""


def show_instant(at: Instant, zone: tzinfo | None, language: str = "en", *, seconds: bool = False) -> str:
    """Return an instant on the reader's clock, with its weekday; None shows UTC."""
    local = to_datetime(at) if zone is None else to_datetime(at).astimezone(zone)
    clock = f"{local:%H:%M:%S}" if seconds and local.second else f"{local:%H:%M}"
    if language in _WEEK:
        shown = f"{local:%Y-%m-%d} {_WEEK[language]}{_WEEKDAYS[local.weekday()]} {clock}"
    else:
        shown = f"{local:%a %Y-%m-%d} {clock}"
    return shown if zone is not None else f"{shown} UTC"


def show_duration(duration_us: float, language: str = "en") -> str:
    """Return a duration in its natural unit.

    >>> show_duration(90 * 60 * 1_000_000), show_duration(5 * 86_400_000_000), show_duration(86_400_000_000, "zh-CN")
    ('1.5 h', '5 d', '24 小时')
    """
    units = _UNITS.get(language, _UNITS["en"])
    if abs(duration_us) >= 2 * DAY_US:
        return f"{round(duration_us / DAY_US, 1):g} {units[0]}"
    if abs(duration_us) >= HOUR_US:
        return f"{round(duration_us / HOUR_US, 1):g} {units[1]}"
    return f"{round(duration_us / MINUTE_US, 1):g} {units[2]}"


def show_ratio(ratio: float) -> str:
    """Return a share in full hundredths; what is not quite none or all is not shown as that.

    >>> show_ratio(0.146), show_ratio(0.0), show_ratio(0.002), show_ratio(0.998), show_ratio(1.0)
    ('15 %', '0 %', '<1 %', '>99 %', '100 %')
    """
    if 0 < ratio < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= ratio < 1 else f"{100 * ratio:.0f} %"


def show_name(name: str, language: str) -> str:
    """Return a word of the contract in the reader's language; any other as it is."""
    found = _NAMES.get(name)
    return name if found is None or language not in _WEEK else found[0 if language == "zh-CN" else 1]
