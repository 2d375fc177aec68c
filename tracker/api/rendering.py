"""Events as the bytes a calendar programme reads: RFC 5545, with the names of RFC 7986. The same events make the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from icalendar import Alarm, Calendar
from icalendar import Event as Component

from tracker.api.event_rules import Event
from tracker.kernel.clock import ONE_DAY

#: How often a programme is asked to look again. Few obey: Google Calendar looks when it likes.
_EVERY = timedelta(hours=1)
#: From the beginning of the day: at 08:00 a week before, the day before, and on the day.
_ALARMS = (timedelta(days=-7, hours=8), timedelta(days=-1, hours=8), timedelta(hours=8))


def calendar_file(name: str, events: Iterable[Event], base_url: str) -> bytes:
    """A whole feed. Days only, so no time zone has to be told."""
    calendar = Calendar()
    calendar.add("prodid", "-//Don Doc//Deadlines//VI")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Ho_Chi_Minh")
    calendar.add("refresh-interval", _EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for event in sorted(events, key=lambda event: (event.on, event.uid)):
        calendar.add_component(_component(event, base_url))
    made: bytes = calendar.to_ical(sorted=False)
    return made


def _component(event: Event, base_url: str) -> Component:
    address = base_url + event.path
    component = Component()
    component.add("uid", event.uid)
    component.add("dtstamp", event.stamp)
    component.add("dtstart", event.on)
    component.add("dtend", event.on + ONE_DAY)
    component.add("sequence", event.sequence)
    component.add("summary", event.summary)
    component.add("description", f"{event.description}\n{address}")
    component.add("url", address)
    component.add("categories", ["Đôn Đốc"])
    component.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    component.add("transp", "TRANSPARENT")
    for before in _ALARMS if event.alarms else ():
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event.summary)
        alarm.add("trigger", before)
        component.add_component(alarm)
    return component
