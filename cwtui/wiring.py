"""The composition root: settings become services. The faces get adapters from here and nowhere else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cwtui.core.errors import CredentialsError, CwtuiError, InputError, Renewal
from cwtui.core.models import Context
from cwtui.core.ports import AskMfa, ChatModel, Clock, Exporter, FileSource, LogReader, MfaQuestion
from cwtui.core.shipped import shipped
from cwtui.settings import Settings

if TYPE_CHECKING:
    from subprocess import Popen

    from cwtui.access.doctor.door import AwsDoor
    from cwtui.access.doctor.exam import Bench
    from cwtui.adapters.aws_readers import AwsReaders
    from cwtui.investigation import Investigation


@dataclass(frozen=True, slots=True)
class Start:
    """Where the TUI begins: at the list of groups, or at the events of some."""

    groups: tuple[str, ...] = ()
    everything: bool = False
    """The events of every group there is: what someone means who opens a file."""
    since: str = ""
    until: str = ""
    stream_prefix: str = ""
    pattern: str = ""
    where: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether times, streams or a pattern choose among the events before they are loaded."""
        return bool(self.since or self.until or self.stream_prefix or self.pattern)


def system_clock() -> int:
    """Now, in ms UTC."""
    return time.time_ns() // 1_000_000


class Services:
    """The ports of one context, made when first needed and closed together."""

    def __init__(self, settings: Settings, clock: Clock = system_clock) -> None:
        self.settings = settings
        self.clock = clock
        self.ask_mfa: AskMfa | None = None
        """How this face asks for an MFA code; None where there is nobody to ask."""
        self._reader: LogReader | None = None
        self._aws: AwsReaders | None = None
        self._chat: ChatModel | None = None
        self._begun: Popen[bytes] | None = None
        self._alias = ""

    @property
    def offline(self) -> bool:
        """Whether recordings are read, so that no AWS is needed."""
        return self.settings.mock or bool(self.settings.from_paths)

    @property
    def context(self) -> Context:
        """What is known of the context without asking anyone; `reader.context` knows more once open."""
        settings = self.settings
        if self._reader is not None:
            return replace(
                self._reader.context,
                allow_write=settings.allow_write,
                alias=self._alias,
                expires=self._aws.expires if self._aws is not None else None,
                colour=settings.colour,
                production=settings.production,
            )
        members = tuple(
            Context(
                one.context or one.profile or "default",
                region=one.region,
                profile=one.profile,
                allow_write=one.allow_write,
            )
            for _, one in settings.members
        )
        return Context(
            self._offline_name() if self.offline else settings.context or settings.profile or "default",
            region="" if members else settings.region,
            profile="" if members else settings.profile,
            offline=self.offline,
            allow_write=settings.allow_write,
            members=() if self.offline else members,
            colour=settings.colour,
            production=settings.production,
        )

    @property
    def source(self) -> str:
        """What tells two sources apart that bear one name: the endpoint, the role, the key (not secret)."""
        key = os.environ.get("AWS_ACCESS_KEY_ID", "")
        return "\n".join((self.settings.endpoint_url, self.settings.role_arn, key)).strip()

    @property
    def reader(self) -> LogReader:
        """The log reader of the context; making it reads nothing yet."""
        if self._reader is None:
            self._reader = self._offline() if self.offline else self._readers.reader
        return self._reader

    @property
    def remarks(self) -> Sequence[str]:
        """How files were understood, or what AWS lets be read in another way only.

        A sentence each; complete once events were asked for.
        """
        return tuple(getattr(self._reader, "remarks", ()))

    async def look_again(self) -> str:
        """Before files are fetched anew: whether they changed since they were read, as a sentence.

        Empty on AWS. Raises CwtuiError for what cannot be opened any more.
        """
        if self._reader is None or not self.offline:
            return ""
        from cwtui.adapters.offline import OfflineReader

        return await self._reader.look_again() if isinstance(self._reader, OfflineReader) else ""

    @property
    def files(self) -> FileSource | None:
        """The reader as what reads files, once it was made; None on AWS."""
        return self._reader if isinstance(self._reader, FileSource) else None

    @property
    def reading(self) -> tuple[int, int] | None:
        """Bytes read, of how many (0: not known), while files are being read; else None."""
        return self.files.reading if self.files is not None else None

    def begin_reading(self) -> None:
        """Begins to read the first file, if it is big, before anything that shows it is even imported."""
        if self.offline and not self.settings.mock:
            from cwtui.deliver.begun import begin_if_big

            self._begun = begin_if_big(Path(self.settings.from_paths[0]))

    def stop_reading(self) -> bool:
        """Ends the reading of files and keeps what was read; False where none is being read."""
        if self.files is None or self.files.reading is None:
            return False
        self.files.stop_loading()
        return True

    @property
    def chat(self) -> ChatModel | None:
        """The local model's door, or None where the user switched models off."""
        if self._chat is None and self.settings.use_llm is not False:
            from cwtui.adapters.ollama import OllamaChat

            settings = self.settings
            self._chat = OllamaChat(
                settings.ollama_host, settings.allow_remote_model, keep_alive=settings.keep_alive
            )
        return self._chat

    @property
    def calls(self) -> AwsDoor | None:
        """The guarded door to all of AWS, signed in as the reader is; None where recordings are read."""
        if self.offline:
            return None
        return self._readers.first.calls

    def bench(self, **choices: Any) -> Bench | None:
        """What `doctor` examines here, with the choices of `Bench`; None where recordings are read."""
        if (door := self.calls) is None:
            return None
        from cwtui.access.doctor.exam import Bench

        return Bench(door, self.reader, self.settings, self.clock, self.chat, **choices)

    def of_member(self, place: int) -> Services:
        """Services of one account and region of a context of several; whoever asks for them closes them."""
        one = Services(self.settings.members[place][1], self.clock)
        one.ask_mfa = self.ask_mfa
        return one

    async def whoami(self) -> Context:
        """The context with account and principal, asked of STS; a recording's own when offline."""
        if self.offline:
            return self.reader.context
        found = (await self._readers.whoami())[0]
        if isinstance(found, CwtuiError):
            raise found
        return found

    async def learn_alias(self) -> str:
        """The account's own name, asked of IAM; empty where it has none, or nobody may know.

        `context` has it from then on. It is never an error: few roles may ask for it.
        """
        if (door := self.calls) is not None and not self.settings.members:
            with suppress(CwtuiError):
                answer = await door.call("iam", "ListAccountAliases", {})
                aliases = answer.get("AccountAliases")
                self._alias = str(aliases[0]) if isinstance(aliases, list) and aliases else ""
        return self._alias

    async def whoami_of_all(self) -> Sequence[Context | CwtuiError]:
        """As `whoami`, for every account and region of the context; an error where one cannot say."""
        return [self.reader.context] if self.offline else await self._readers.whoami()

    async def renew(self, ended: Renewal | None = None) -> None:
        """Before another try after a CredentialsError: the next call signs in afresh.

        `ended` is the error's own renewal; nothing happens where that session was replaced since.
        """
        if self._aws is not None:
            await self._aws.renew(ended)

    async def renew_if_refused(self) -> None:
        """As `renew`, where the last call found the credentials wanting: for a key that means "try again"."""
        if self._aws is not None:
            await self._aws.renew_if_refused()

    def must_renew(self, error: CredentialsError) -> bool:
        """Whether what ended is still in use; False: somebody renewed it since, so just try again."""
        return self._aws is None or self._aws.must_renew(error)

    def sessions_like(self, ended: Renewal) -> frozenset[int]:
        """The sessions that end with the one that ended: in other regions, with the same sign-in."""
        return frozenset({ended.session}) if self._aws is None else self._aws.sessions_like(ended)

    def investigation(self) -> Investigation:
        """A fresh window over this context."""
        from cwtui.investigation import Investigation

        return Investigation(
            self.reader,
            clock=self.clock,
            settings=self.settings,
            exporter_for=self.exporter_for,
            chat=self.chat,
        )

    def exporter_for(self, target: str) -> Exporter:
        """The exporter of a path or an S3 address. Raises PermissionDenied for S3 without --allow-write."""
        if target.startswith("s3://"):
            from cwtui.adapters.s3 import S3Exporter

            # Of several accounts the first one's credentials write.
            settings = self.settings.members[0][1] if self.settings.members else self.settings
            settings = replace(settings, allow_write=self.settings.allow_write)
            lend_keys = self._aws.first.lend_keys if self._aws is not None else None
            return S3Exporter(settings, lend_keys=lend_keys)
        if "://" in target:
            raise InputError(
                f"'{target}' is no place to export to.", "Give a path, or s3://bucket/prefix.", code="target"
            )
        from cwtui.adapters.files import FileExporter

        return FileExporter()

    def warm(self) -> None:
        """Loads what the events view will need. Blocking; call it in a thread once something is on screen."""
        import cwtui.investigation
        import cwtui.window.store
        import cwtui.window.window  # noqa: F401

    async def aclose(self) -> None:
        """Closes every connection."""
        # Whoever asked something else of AWS opened the reader's session, too.
        reader = self._reader or (self._aws.reader if self._aws is not None else None)
        for port in (reader, self._chat):
            if port is not None:
                await port.aclose()
        if self._begun is not None:
            with self._begun:
                self._begun.kill()

    def _offline_name(self) -> str:
        """What is read, so that nobody takes a recording for the AWS profile they are used to."""
        if self.settings.mock:
            return "demo"
        paths = self.settings.from_paths
        if len(paths) > 1:
            return f"{len(paths)} recordings"
        return "stdin" if str(paths[0]) == "-" else Path(paths[0]).resolve().name or str(paths[0])

    def _offline(self) -> LogReader:
        from cwtui.adapters.offline import OfflineReader
        from cwtui.window.memory import kept_of_files

        demo = [shipped("fixtures") / "demo"] if self.settings.mock else []
        paths = [*demo, *map(Path, self.settings.from_paths)]
        kept = kept_of_files(self.settings.memory_limit)
        return OfflineReader(
            paths,
            clock=self.clock,
            context_name=self.context.name,
            most_kept=kept,
            begun=self._begun,
        )

    @property
    def _readers(self) -> AwsReaders:
        if self._aws is None:
            from cwtui.adapters.aws_readers import AwsReaders

            self._aws = AwsReaders(self.settings, self._ask_mfa)
        return self._aws

    async def _ask_mfa(self, question: MfaQuestion) -> str:
        if self.ask_mfa is None:
            from cwtui.access.error_catalogue import mfa_needed

            raise mfa_needed(question.profile)
        return await self.ask_mfa(question)


RunTui = Callable[[Services, Start], int]
"""The TUI's run function, handed to the headless face by `__main__`: faces never import each other."""
