"""Sentences of what makes an order late or not: the contributions of a prediction, and the conditions it feels.

Of the figures that others are compared with, some work against their first look: on a slow way a parcel is less
overdue after the same time. Such contributions have sentences of their own (``-less``, ``-more``).
"""

RISK: dict[str, tuple[str, str, str]] = {
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
        "{elapsed_us} at stage {stage}; {left_us} left until the promise",
        "处于{stage}环节已{elapsed_us}，距承诺还有{left_us}",
        "處於{stage}環節已{elapsed_us}，距承諾還有{left_us}",
    ),
    "risk.usual": (
        "for {place} a parcel usually takes {usual_us}, everywhere {average_us}",
        "{place}通常需{usual_us}，整体平均{average_us}",
        "{place}通常需{usual_us}，整體平均{average_us}",
    ),
    "risk.usual-less": (
        "for {place} {usual_us} are usual, everywhere {average_us}: the time gone by says less",
        "{place}通常需{usual_us}（整体平均{average_us}），已耗时间不算太长",
        "{place}通常需{usual_us}（整體平均{average_us}），已耗時間不算太長",
    ),
    "risk.usual-more": (
        "for {place} {usual_us} are usual, everywhere {average_us}: the time gone by says more",
        "{place}通常只需{usual_us}（整体平均{average_us}），已耗时间偏长",
        "{place}通常只需{usual_us}（整體平均{average_us}），已耗時間偏長",
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
    "risk.supplier-slow-less": (
        "parcels of {supplier} take {longer_ratio} longer than others on the same way: the time gone by says less",
        "{supplier}的包裹比同线路其他包裹慢{longer_ratio}，已耗时间不算太长",
        "{supplier}的包裹比同線路其他包裹慢{longer_ratio}，已耗時間不算太長",
    ),
    "risk.supplier-quick": (
        "parcels of {supplier} take {shorter_ratio} less time than others on the same way",
        "{supplier}的包裹比同线路其他包裹快{shorter_ratio}",
        "{supplier}的包裹比同線路其他包裹快{shorter_ratio}",
    ),
    "risk.supplier-quick-more": (
        "parcels of {supplier} take {shorter_ratio} less time than others on the same way: the time gone by says more",
        "{supplier}的包裹比同线路其他包裹快{shorter_ratio}，已耗时间偏长",
        "{supplier}的包裹比同線路其他包裹快{shorter_ratio}，已耗時間偏長",
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
        "weekend days and holidays among the days left: {days}",
        "剩余时间内的周末和节假日：{days}天",
        "剩餘時間內的週末和節假日：{days}天",
    ),
    "risk.conditions": (
        "the conditions named cost {extra_us}",
        "上述情况预计耗时{extra_us}",
        "上述情況預計耗時{extra_us}",
    ),
    "risk.learned": (
        "of orders that the other figures call {judged_ratio} likely to be late, {found_ratio} were",
        "其他数值判断延误概率为{judged_ratio}的同类订单，实际延误{found_ratio}",
        "其他數值判斷延誤機率為{judged_ratio}的同類訂單，實際延誤{found_ratio}",
    ),
    "risk.left": (
        "at stage {stage} orders like it usually need {usual_us} more; {left_us} are left",
        "处于{stage}环节的同类订单通常还需{usual_us}，现剩{left_us}",
        "處於{stage}環節的同類訂單通常還需{usual_us}，現剩{left_us}",
    ),
    "risk.visit": (
        "the visit of {failed_at} failed: {reason}; such orders usually need {usual_us} more; {left_us} are left",
        "{failed_at}投递未成功（{reason}），此类订单通常还需{usual_us}，现剩{left_us}",
        "{failed_at}投遞未成功（{reason}），此類訂單通常還需{usual_us}，現剩{left_us}",
    ),
    "risk.place": (
        "{place} may not get to it in time before {stage}, with a chance of {chance_ratio}",
        "{place}在{stage}前可能来不及，概率{chance_ratio}",
        "{place}在{stage}前可能來不及，機率{chance_ratio}",
    ),
    "risk.queue": (
        "the queue at {place} before {stage} takes {extra_us} longer than usual",
        "{place}在{stage}前的排队比平时多{extra_us}",
        "{place}在{stage}前的排隊比平時多{extra_us}",
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
        "{subject}在{from_at}至{until_at}有{note}：+{extra_us}",
        "{subject}在{from_at}至{until_at}有{note}：+{extra_us}",
    ),
    "condition.closure": (
        "{subject} is closed since {since_at} ({note}), open again {until_at}: +{extra_us}",
        "{subject}自 {since_at} 起封闭（{note}），预计 {until_at} 开放：+{extra_us}",
        "{subject}自 {since_at} 起封閉（{note}），預計 {until_at} 開放：+{extra_us}",
    ),
    "condition.closure-open": (
        "{subject} is closed since {since_at} ({note}), nobody says until when: +{extra_us}",
        "{subject}自 {since_at} 起封闭（{note}），开放时间未知：+{extra_us}",
        "{subject}自 {since_at} 起封閉（{note}），開放時間未知：+{extra_us}",
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
}
"""Code -> sentence in each of ``wording_figures.LANGUAGES``."""
