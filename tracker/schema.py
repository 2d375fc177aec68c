"""Every table of the product: importing this makes the metadata whole, for migrations and for tools."""

from tracker.accounts import models as accounts
from tracker.api import models as api
from tracker.assignments import models as assignments
from tracker.audit import models as audit
from tracker.dashboard import filter_models as filters
from tracker.deadlines import models as deadlines
from tracker.documents import letter_models as letters
from tracker.evidence import contribution_models as contributions
from tracker.evidence import models as evidence
from tracker.files import models as files
from tracker.indicators import models as indicators
from tracker.kernel.database import Base
from tracker.longwork import models as longwork
from tracker.mail import models as mail
from tracker.reminders import chase_models as chases
from tracker.reminders import link_models as links
from tracker.reminders import models as reminders
from tracker.reminders import webhook_models as webhooks
from tracker.start import models as start
from tracker.tasks import handin_models as handins
from tracker.tasks import handover_models as handovers
from tracker.tasks import models as tasks
from tracker.tasks import proposal_models as proposals
from tracker.tasks import talk_models as talk
from tracker.units import deputy_models as deputies
from tracker.units import models as units
from tracker.units import succession_models as successions

TABLES = Base.metadata.sorted_tables

__all__ = [
    "TABLES",
    "accounts",
    "api",
    "assignments",
    "audit",
    "chases",
    "contributions",
    "deadlines",
    "deputies",
    "evidence",
    "files",
    "filters",
    "handins",
    "handovers",
    "indicators",
    "letters",
    "links",
    "longwork",
    "mail",
    "proposals",
    "reminders",
    "start",
    "successions",
    "talk",
    "tasks",
    "units",
    "webhooks",
]
