"""The usual bad luck that a network brings along: line breakdowns and bad weather, drawn by number before the run."""

from radar.events.world import AlertSeverity, WeatherAlert
from radar.instant import SECOND_US, Instant, to_datetime
from scenarios.network import Network
from twin.chance import Chance, exponential_s, lognormal_s
from twin.masks import Masks, Signal, SpeedMask

BREAKDOWN = "breakdown"
WEATHER = "weather"
DAY_S = 86_400


def usual_masks(network: Network, chance: Chance, days: int, epoch: Instant) -> Masks:
    """Return the breakdowns of the lines and the bad weather of the zones for a run of ``days``."""
    breakdowns = _breakdowns(network, chance, (days + 60) * DAY_S)
    weather, alerts = _weather(network, chance, days, epoch)
    return Masks(speeds=(*breakdowns, *weather), signals=alerts)


def _breakdowns(network: Network, chance: Chance, until_s: int) -> list[SpeedMask]:
    masks = []
    for line in network.lines:
        if line.uptime_mean is None or line.repair_median is None:
            continue
        luck = chance.luck(f"breakdown/{line.name}", 2)
        at_s, number = 0, 0
        while True:
            up, repair = luck.row(number)
            at_s += exponential_s(line.uptime_mean / SECOND_US, up)
            if at_s >= until_s:
                break
            end_s = at_s + lognormal_s(line.repair_median / SECOND_US, line.repair_sigma, repair)
            masks.append(SpeedMask(f"line:{line.name}", at_s, end_s, 0, cause=BREAKDOWN))
            at_s, number = end_s, number + 1
    return masks


def _weather(network: Network, chance: Chance, days: int, epoch: Instant) -> tuple[list[SpeedMask], tuple[Signal, ...]]:
    rules = network.weather
    masks: list[SpeedMask] = []
    alerts: list[Signal] = []
    for zone in network.zones:
        if not zone.rain_share:
            continue
        luck = chance.luck(f"weather/{zone.name}", 1)
        for spell in range(days // rules.area_days + 1):
            if luck.one(spell) >= zone.rain_share:
                continue
            start_s = spell * rules.area_days * DAY_S + 5 * 3600
            end_s = start_s + rules.area_days * DAY_S
            masks.append(
                SpeedMask(f"zone:{zone.name}", start_s, end_s, round(1000 * rules.courier_speed), cause=WEATHER)
            )
            masks.extend(
                SpeedMask(f"lane:{lane.name}", start_s, end_s, round(1000 * rules.lane_speed), cause=WEATHER)
                for lane in network.lanes
                if lane.target == zone.hub and lane.mode.value == "road"
            )
            alert_s = max(0, start_s - rules.alert_ahead // SECOND_US)
            alert = WeatherAlert(
                area=zone.name,
                severity=AlertSeverity.MODERATE,
                from_at=to_datetime(Instant(epoch + start_s * SECOND_US)),
                to_at=to_datetime(Instant(epoch + end_s * SECOND_US)),
                hazard="rain",
            )
            alerts.append(Signal(alert_s, "weather", zone.name, alert))
    return masks, tuple(alerts)
