"""`grader data`: which data sets are here, whether they are right, and the full ones."""

from pathlib import Path

import click

from grader.cli.options import console, one_thread

SETS = ("mnist", "glove", "sentiment140")


@click.group("data", epilog="Examples:\n\n\b\n  grader data list\n  grader data verify digits tweets")
def data_command() -> None:
    """The data sets: what is here, whether it is right, and the full ones."""


@data_command.command("list", epilog="Example:\n\n\b\n  grader data list")
def data_list_command() -> None:
    """Show each data source, the packages that it comes out of, and what to install where one is missing."""
    from grader.data.downloads import DOWNLOADS
    from grader.data.local import version_of
    from grader.data.sources import SOURCES

    screen = console()
    for source in SOURCES:
        found = {package: version_of(package) for package in source.packages}
        good = None not in found.values()
        screen.print(f"{'[green]✓[/]' if good else '[red]✗[/]'} [bold]{source.name:9}[/]{source.what}", soft_wrap=True)
        packages = ", ".join(f"{package} {version or '(not installed)'}" for package, version in found.items())
        screen.print(f"    {packages}", soft_wrap=True)
        if not good:
            screen.print("    [cyan]pip install 'grader\\[data]'[/]", soft_wrap=True)
    screen.print("\nFull sets, by [bold]grader data fetch NAME --to FOLDER[/]:")
    for name, download in DOWNLOADS.items():
        screen.print(f"  [bold]{name:14}[/]{download.what}", soft_wrap=True)


@data_command.command("verify", epilog="Examples:\n\n\b\n  grader data verify\n  grader data verify digits tweets")
@click.argument("names", nargs=-1)
def data_verify_command(names: tuple[str, ...]) -> None:
    """Load the data sources (all, or those named) and check what is known of them; exit 1 when something is wrong.

    The features of the photos take half a minute, the first time.
    """
    one_thread()
    from grader.data.sources import SOURCES
    from grader.errors import GraderError

    known = {source.name: source for source in SOURCES}
    for name in names:
        if name not in known:
            raise GraderError(f"There is no data source {name!r}.", f"The sources are: {', '.join(known)}.")
    screen, wrong = console(), 0
    for name in names or known:
        try:
            facts = known[name].facts()
        except GraderError as error:
            screen.print(f"[red]✗[/] {name}: {error.problem}\n    {error.remedy}", markup=False, soft_wrap=True)
            wrong += 1
            continue
        for what, found, wanted in facts:
            good = found == wanted
            wrong += not good
            more = "" if good else f", and should be {wanted}"
            screen.print("[green]✓[/]" if good else "[red]✗[/]", end=" ")
            screen.print(f"{name}: {what}: {found}{more}", markup=False, soft_wrap=True)
    raise SystemExit(1 if wrong else 0)


@data_command.command("fetch", epilog="Example:\n\n\b\n  grader data fetch mnist --to data")
@click.argument("name", metavar="|".join(SETS), type=click.Choice(SETS))
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder for the files.")
@click.option("--from", "address", metavar="URL", help="A folder that has the files, in place of the official one.")
def data_fetch_command(name: str, to: Path, address: str | None) -> None:
    """Download a full data set and unpack it."""
    from grader.data.downloads import DOWNLOADS, fetch

    for path in fetch(name, to, address):
        click.echo(f"wrote {path}")
    click.echo(f"Read it with {DOWNLOADS[name].use.format(to=str(to))}")
