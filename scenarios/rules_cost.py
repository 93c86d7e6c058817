"""What acting on a warning costs and saves: the section that the ``cost`` policy weighs by."""

from pydantic import Field

from radar.instant import HOUR_US
from radar.rules import CostRules
from scenarios.loader import Declared, Document, ScenarioError
from scenarios.scalars import Duration, Number, Ratio


class CostModel(Declared):
    """What acting on a warning costs and saves, in any one unit."""

    action: Number = Field(default=1.0, gt=0)
    """Cost of acting on one order."""
    late: Number = Field(default=10.0, gt=0)
    """Cost of a late order on which nobody acted."""
    effect: Ratio = 0.5
    """Share of it that acting in time saves."""
    full_effect: Duration = 36 * HOUR_US
    """Acting this long before the promise is in time; later it saves in proportion to the time left."""


def cost_rules(model: CostModel, document: Document) -> CostRules:
    """Return the checked section.

    Raises:
        ScenarioError: An alarm would never pay.
    """
    if model.full_effect == 0:
        field = document.field(("prediction", "cost", "full_effect"))
        raise ScenarioError(str(ScenarioError.at(document.place, field, "nothing", "allowed: more than 0s")))
    if model.effect * model.late <= model.action:
        said = f"acting costs {model.action:g} and saves {model.effect * model.late:g}"
        field = document.field(("prediction", "cost"))
        raise ScenarioError(str(ScenarioError.at(document.place, field, said, "allowed: effect x late above action")))
    return CostRules(model.action, model.late, model.effect, model.full_effect)
