"""The package `glassnet`, made of folders at the top level: code, and the page's files as data beside it."""

from setuptools import find_namespace_packages, setup

#: What `import glassnet` gives is a folder of the engine, which is imported under that name alone.
PUBLIC = "engine/public"

ROOMS = ["app", "engine", "static", "templates"]

setup(
    package_dir={"glassnet": PUBLIC, **{f"glassnet.{room}": room for room in ROOMS}},
    packages=[
        "glassnet",
        *(
            f"glassnet.{package}"
            for room in ROOMS
            for package in [room, *(f"{room}.{below}" for below in find_namespace_packages(room))]
            if package != PUBLIC.replace("/", ".")
        ),
    ],
    package_data={"": ["*"]},  # presets, templates, and all that the page is made of
)
