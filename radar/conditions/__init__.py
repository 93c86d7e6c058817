"""What holds in the world now, and which orders it touches by how much (R07)."""

from radar.conditions.condition import Code, Condition
from radar.conditions.machine import Conditions
from radar.conditions.touching import Feeling

__all__ = ["Code", "Condition", "Conditions", "Feeling"]
