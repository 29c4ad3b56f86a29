"""The time of every hall: China has one zone and no summer time, whatever the machine is set to."""

from datetime import timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
