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
    """A run on the page, which shows itself in a frame. `url` is for a tab of its own."""

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
    """The live page with a run of an experiment, in a frame below the cell; it trains at once.

        glassnet.show(experiment)
        glassnet.show(experiment, through="/proxy")  # Jupyter elsewhere, with jupyter-server-proxy

    A server of this notebook's own is started in the background when this is first called. It listens on
    this machine alone, keeps its runs on disk, and ends with the kernel. Behind JupyterHub the page comes by
    way of jupyter-server-proxy, which the hub's image needs; `through` says where that is, if it is not found
    out. `height` is the frame's, in pixels.

    The server is another process: own tensors, and items that were defined in the notebook, it does not know.
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
    """The path of the proxy that leads to ports of this machine; "" where browsers reach them themselves."""
    hub = os.environ.get(HUB)
    found = wanted if wanted is not None else f"{hub.rstrip('/')}/proxy" if hub else ""
    found = found.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~%@:-]+)*", found):
        raise ValueError(f"through {found!r}; expected a path, such as /user/ada/proxy")
    return found
