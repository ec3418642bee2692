"""The live page in a notebook: an experiment's run, in a frame below the cell."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from glassnet.engine.experiment.experiment import Experiment
from glassnet.engine.experiment.own_items import check_known
from glassnet.engine.network.planner import plan
from glassnet.engine.notebook.html import tag
from glassnet.engine.notebook.server import LocalServer, local_server

#: What JupyterHub tells a kernel: the path below which the user's server stands.
HUB = "JUPYTERHUB_SERVICE_PREFIX"

#: Pixels between which a frame may be high.
HEIGHTS = range(200, 4001)


@dataclass(frozen=True)
class LivePage:
    """The page of a run, displayed in a frame. `url` is its address, for a browser tab."""

    url: str
    #: The run's name in the service.
    run: str
    height: int
    server: LocalServer

    def _repr_html_(self) -> str:
        style = "width: 100%; border: 0"
        frame = tag("iframe", src=self.url, height=self.height, style=style, title="Glassnet", allow="camera")
        link = tag("a", "Open it in a tab", href=self.url, target="_blank", rel="noopener")
        return tag("div", frame, tag("div", link, style="font: 11px system-ui, sans-serif"))

    def close(self) -> None:
        """End the server behind this page, and the runs of all its pages; they stay on disk."""
        self.server.stop()


def show(experiment: Experiment, *, height: int = 760, through: str | None = None) -> LivePage:
    """Show the live page of a new run of an experiment in a frame below the cell; it trains at once.

        glassnet.show(experiment)
        glassnet.show(experiment, through="/proxy")  # Jupyter elsewhere, with jupyter-server-proxy

    The first call starts a server in the background. It listens on this machine alone, keeps its runs on
    disk, and ends with the kernel. Behind JupyterHub the page is reached through jupyter-server-proxy, which
    must be installed there; `through` is its path, where it cannot be detected. `height` is the frame's, in
    pixels.

    The server is another process, without the tensors and items that are defined in the notebook.
    Raises InvalidExperiment, naming them, and where the network cannot be built.
    """
    if not isinstance(experiment, Experiment):
        raise TypeError(f"{type(experiment).__name__}; expected an Experiment")
    if height not in HEIGHTS:
        raise ValueError(f"height {height!r}; expected {HEIGHTS.start} to {HEIGHTS.stop - 1} pixels")
    plan(experiment)
    check_known(experiment)
    server = local_server(_through(through))
    run = server.ask(
        "/api/runs", {"experiment": experiment.document(), "start": "playing", "unwatched": "pause"}
    )["id"]
    return LivePage(server.address(f"/runs/{run}"), run, height, server)


def _through(wanted: str | None) -> str:
    """The path of the proxy that leads to ports of this machine; "" where browsers reach them directly."""
    hub = os.environ.get(HUB)
    found = wanted if wanted is not None else f"{hub.rstrip('/')}/proxy" if hub else ""
    found = found.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~%@:-]+)*", found):
        raise ValueError(f"through {found!r}; expected a path, such as /user/ada/proxy")
    return found
