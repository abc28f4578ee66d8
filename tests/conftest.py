"""
Which random worlds the tests draw: the same ones in every run, or new ones to look for faults.

``pytest`` alone takes the profile ``gate``. ``make fuzz`` takes ``fuzz``, by hypothesis's own
option ``--hypothesis-profile=fuzz``, with a seed that it prints.
"""

from __future__ import annotations

import importlib
import pkgutil

from hypothesis import HealthCheck, settings

import protocol_sched

# How fast worlds are drawn says more about what else the machine does than about them.
settings.register_profile(
    "gate",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("fuzz", settings.get_profile("gate"), derandomize=False, max_examples=500)
settings.load_profile("gate")

# Hypothesis also draws the numbers and words it finds in modules that are loaded already. All of
# them are loaded first, so that what a test draws does not depend on the tests run before it.
for _module in pkgutil.walk_packages(protocol_sched.__path__, "protocol_sched."):
    try:
        importlib.import_module(_module.name)
    except ModuleNotFoundError as missing:
        if missing.name != "numpy":  # an extra
            raise
