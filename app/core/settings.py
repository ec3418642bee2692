"""Settings of the server, with default and help; each is read from the environment as GLASSNET_NAME."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from glassnet.app.core.places import DATA_DIR
from glassnet.app.core.resources import fitting, machine_memory, share

PREFIX = "GLASSNET_"

#: The settings that no log, error or child process may contain.
SECRETS = ("token", "watch_token")

#: The fewest characters of a token: 16 random ones cannot be guessed.
SHORTEST_TOKEN = 16


class InvalidSetting(ValueError):
    """An environment variable that cannot be used."""


class Settings(BaseModel):
    """The settings of this server."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(
        default=DATA_DIR, description="Where runs, blobs, downloads and logs of workers are kept."
    )
    host: str = Field(
        default="127.0.0.1", description="The address to listen on; others than loopback ask for a token."
    )
    port: int = Field(default=8265, description="The port to listen on; 0 takes any that is free.")
    hosts: str = Field(
        default="",
        description="Names, comma-separated, by which this server may be called besides its own; "
        "`*`: by any, where a token is asked for.",
    )
    prefix: str = Field(
        default="",
        description="The path that a proxy in front takes away, such as `/lab`; `{port}` in it is the port.",
    )
    frame_ancestors: str = Field(
        default="",
        description="Origins, separated by spaces, whose pages may show this server's in a frame.",
    )
    token: str = Field(
        default="", repr=False, description="The launch token; made up where one is needed and none is given."
    )
    watch_token: str = Field(
        default="", repr=False, description="A token whose bearers may watch, and command nothing."
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where runs train: auto, cpu or cuda."
    )
    language: str = Field(
        default="auto",
        description="The language of pages, such as `de`; auto: the first that a browser asks for.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How the log is written to stderr: text or json."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="The least level that is logged: debug, info, warning or error."
    )

    workers: int = Field(
        default=0,
        ge=0,
        description="Runs that have a worker at once; 0: as many as cores, at least 4, if memory allows.",
    )
    time_slice: float = Field(
        default=20.0,
        gt=0,
        description="Seconds that a run trains before it makes room for one that waits, and waits itself.",
    )
    start_method: Literal["auto", "forkserver", "spawn"] = Field(
        default="auto",
        description="How workers are started: forkserver, spawn, or auto: as is safe on this system.",
    )
    study_workers: int = Field(
        default=0,
        ge=0,
        description="Workers for studies at once; 0: as many as cores, at least 4, if memory allows.",
    )
    study_idle: float = Field(
        default=60.0, gt=0, description="Seconds that a worker waits for another study before it is ended."
    )
    worker_memory: int = Field(
        default=0,
        ge=-1,
        description="Bytes that one worker may allocate; 0: its share of the machine's memory; -1: no limit.",
    )
    worker_silence: float = Field(
        default=60.0, gt=0, description="Seconds without a response until a worker is killed."
    )
    unwatched_seconds: float = Field(
        default=30.0, description="Seconds that a run without viewers goes on before it pauses."
    )

    max_parameters: int = Field(
        default=0, ge=0, description="Parameters in one network; 0: limited by a worker's memory."
    )
    max_activations: int = Field(
        default=0,
        ge=0,
        description="Activations of one batch in a network; 0: limited by a worker's memory.",
    )
    max_nodes: int = Field(default=1_000, description="Nodes in one network, after blocks are expanded.")
    max_plans: int = Field(
        default=256, ge=2, description="Networks that wait to be planned; of one address half as many."
    )
    plan_seconds: float = Field(
        default=5.0, gt=0, description="Seconds of one core that planning a network may take."
    )
    max_samples: int = Field(default=200_000, description="Samples in one data set.")
    max_runs: int = Field(
        default=1_000, description="Runs kept in the data directory; beyond, left examples give way."
    )
    max_queued: int = Field(default=100, description="Runs that wait for a worker.")
    max_viewers: int = Field(default=500, description="Viewers of one run.")
    max_connections: int = Field(default=2_000, description="Viewers of all runs together.")
    max_sockets: int = Field(
        default=5_000,
        ge=16,
        description="Open connections, viewers included; fewer where the process may open fewer files.",
    )
    max_client_sockets: int = Field(
        default=3_000,
        ge=8,
        description="Those of one address, which may be a lecture hall or a proxy; at most ¾ of all.",
    )
    max_unread: int = Field(
        default=256 << 20, ge=1 << 20, description="Bytes in memory that clients have not read yet."
    )
    header_seconds: float = Field(
        default=10.0, gt=0, description="Seconds that a connection may take to send a request's headers."
    )
    body_seconds: float = Field(
        default=20.0,
        gt=0,
        description="Seconds that a body may stall, or be slower than 500 bytes a second.",
    )
    idle_seconds: int = Field(
        default=30, ge=1, description="Seconds that a connection is kept between two requests."
    )
    max_studies: int = Field(default=8, description="Studies of one run, or of one lab, at a time.")
    max_run_keys: int = Field(default=32, description="Different pictures that one run computes at a time.")
    max_watcher_keys: int = Field(
        default=12, ge=0, description="Of these, how many a viewer whose token only allows watching can add."
    )
    max_watchers_keys: int = Field(
        default=16, ge=0, description="Of these, how many all viewers who may only watch can add together."
    )
    watcher_hz: float = Field(
        default=10.0,
        gt=0,
        description="Pictures of each kind a second that a viewer who may only watch can request.",
    )
    max_body: int = Field(default=1 << 20, description="Bytes in the body of a request.")
    max_blob: int = Field(default=64 << 20, description="Bytes in one blob.")
    max_weights: int = Field(default=1 << 30, description="Bytes in one uploaded file of weights.")
    import_workers: int = Field(
        default=3, ge=1, description="Uploads of pictures and weights that are read at once."
    )
    max_imports: int = Field(
        default=8,
        ge=0,
        description="Further uploads of pictures and weights in progress; more are refused.",
    )
    import_memory: int = Field(
        default=2 << 30, description="Bytes that reading uploaded pictures or weights may take."
    )
    import_seconds: int = Field(
        default=120,
        ge=1,
        description="Seconds of one core that reading uploaded pictures or weights may take.",
    )
    max_blobs: int = Field(default=4 << 30, description="Bytes in all blobs together.")
    blob_grace: float = Field(
        default=7 * 86_400.0, ge=0, description="Seconds that an unreferenced blob is kept."
    )
    max_uploads: int = Field(
        default=1 << 30, description="Bytes of all pictures and weights that are being uploaded together."
    )
    max_downloads: int = Field(default=8 << 30, description="Bytes in all published data sets together.")
    max_run_bytes: int = Field(default=4 << 30, description="Bytes in the directory of one run.")
    max_run_bytes_in_all: int = Field(
        default=64 << 30, description="Bytes in the directories of all runs together."
    )
    free_space: int = Field(
        default=256 << 20,
        ge=0,
        description="Bytes of the disk that are kept free: below, runs pause and writes are refused.",
    )

    @field_validator("prefix")
    @classmethod
    def _is_a_path(cls, prefix: str) -> str:
        if not re.fullmatch(r"(/[A-Za-z0-9._~%@:{}-]+)*", prefix):
            raise PydanticCustomError("no_path", "expected a path such as /lab, without a slash at its end")
        return prefix

    @field_validator("frame_ancestors")
    @classmethod
    def _are_origins(cls, origins: str) -> str:
        """Sources of a Content-Security-Policy, of which none can end the list."""
        for origin in origins.split():
            if not re.fullmatch(r"'self'|[a-z][a-z0-9+.-]*:(//[*A-Za-z0-9.-]+(:(\d+|\*))?)?", origin):
                raise PydanticCustomError(
                    "no_origin", "expected origins such as https://lab.example, or 'self', between spaces"
                )
        return origins

    @field_validator(*SECRETS)
    @classmethod
    def _is_a_token(cls, token: str) -> str:
        """The token, if it is long enough and of visible ASCII characters, which every header can carry."""
        if token and len(token) < SHORTEST_TOKEN:
            raise PydanticCustomError(
                "short_token", f"too short, with {len(token)} characters; expected at least {SHORTEST_TOKEN}"
            )
        if not all("!" <= character <= "~" for character in token):
            raise PydanticCustomError(
                "odd_token", "not made of visible ASCII characters alone; expected no spaces and no others"
            )
        return token

    @field_validator("watch_token")
    @classmethod
    def _is_another(cls, token: str, info: ValidationInfo) -> str:
        if token and token == info.data.get("token"):
            raise PydanticCustomError(
                "same_token", f"the same as {PREFIX}TOKEN; expected another, as its bearers may only watch"
            )
        return token

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
        """The settings from defaults, the environment, and those of `overrides` that are not None."""
        values: dict[str, Any] = {
            name: environment[PREFIX + name.upper()]
            for name in cls.model_fields
            if PREFIX + name.upper() in environment
        }
        values.update({name: value for name, value in overrides.items() if value is not None})
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            if name in SECRETS:
                raise InvalidSetting(f"{PREFIX}{name.upper()} is {first['msg']}") from None
            said = f"{str(first['input'])!r}: {first['msg'].lower()}"
            raise InvalidSetting(f"{PREFIX}{name.upper()} is {said}") from None

    def with_launch_token(self) -> Settings:
        """The settings, with a generated token where one is needed and none is given."""
        if self.token or (self.loopback and not self.watch_token):
            return self
        return self.model_copy(update={"token": secrets.token_urlsafe(24)})

    @property
    def secrets(self) -> list[str]:
        """The secret values."""
        return [value for name in SECRETS if (value := getattr(self, name))]

    @property
    def worker_count(self) -> int:
        """The number of runs that may have a worker at once."""
        return self.workers or min(max(4, os.cpu_count() or 1), fitting(machine_memory())[0])

    @property
    def study_count(self) -> int:
        """The number of workers for studies at once."""
        return self.study_workers or min(max(4, os.cpu_count() or 1), fitting(machine_memory())[1])

    @property
    def run_memory(self) -> int | None:
        """Bytes that a run's worker may allocate; None: no limit."""
        return self._memory(share(machine_memory(), self.worker_count, self.study_count)[0])

    @property
    def study_memory(self) -> int | None:
        """Bytes that a worker for studies may allocate; None: no limit."""
        return self._memory(share(machine_memory(), self.worker_count, self.study_count)[1])

    def _memory(self, share: int) -> int | None:
        return None if self.worker_memory < 0 else self.worker_memory or share

    @property
    def worker_threads(self) -> int:
        """torch's threads in each worker: more than cores would train many times slower."""
        return max(1, (os.cpu_count() or 1) // self.worker_count)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        return self.host in ("127.0.0.1", "::1", "localhost")


def forget_secrets() -> None:
    """Remove the tokens from this process's environment, which child processes would inherit."""
    for name in SECRETS:
        os.environ.pop(PREFIX + name.upper(), None)
