"""The two commands of the README: they exist, parse as POSIX sh, and say exactly what a bare machine lacks."""

import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted((CHECKOUT / "installer").glob("*.sh"))
TOOLS_OF_A_BARE_MACHINE = ("cat", "dirname", "env", "ls", "sh", "true")


def executable(path: Path, *lines: str) -> None:
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout in a folder with a space, on a machine that has uv, a Python, and an apt-get its user may not use.

    Its uv writes down how it was called; what it would have installed is there already.
    """
    checkout = tmp_path / "my labmon"
    shutil.copytree(CHECKOUT / "installer", checkout / "installer")
    environment = checkout / ".venv" / "bin"
    environment.mkdir(parents=True)
    executable(environment / "labmon")
    executable(environment / "python", f'exec "{sys.executable}" "$@"')
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS_OF_A_BARE_MACHINE:
        (tools / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    executable(
        tools / "uv",
        '[ "$1" != --version ] || { echo "uv 0.13.9"; exit; }',
        f'printf "[%s]" "$@" >>"{tmp_path}/uv.log"',
        f'printf " in %s\\n" "$PWD" >>"{tmp_path}/uv.log"',
        '[ "$1" != run ] || exit "${UV_RUN_STATUS:-0}"',
    )
    executable(tools / "apt-get", f'echo "apt-get $*" >>"{tmp_path}/apt.log"')
    executable(tools / "sudo", "exit 1")
    executable(tools / "id", 'echo "${WHO:-1000}"')
    return tmp_path


def run(machine: Path, script: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    elsewhere = machine / "else where"
    elsewhere.mkdir(exist_ok=True)
    return subprocess.run(
        [str(machine / "bin" / "sh"), str(machine / "my labmon" / "installer" / script), *arguments],
        cwd=elsewhere,
        env={"PATH": str(machine / "bin"), "HOME": str(machine)} | variables,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def lack(machine: Path, library: str = "libnowhere.so.1=libnowhere1") -> None:
    """Makes the machine lack a library Qt needs."""
    prepare = machine / "my labmon" / "installer" / "prepare.sh"
    prepare.write_text(prepare.read_text().replace("offscreen_libraries='", f"offscreen_libraries='{library} "))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_that_an_installer_script_is_posix_sh(script: Path) -> None:
    answer = subprocess.run(["sh", "-n", str(script)], check=False, capture_output=True, text=True, timeout=60)

    assert answer.stderr == ""
    assert answer.returncode == 0


def test_that_the_readme_opens_with_two_commands_that_exist() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^sh (installer/\w+\.sh)", readme, re.MULTILINE)

    assert commands[:2] == ["installer/run.sh", "installer/test.sh"]
    assert all((CHECKOUT / command).is_file() for command in commands)
    assert readme.index("sh installer/test.sh") < readme.index("uv run pytest")


def test_that_continuous_integration_runs_the_readmes_test_command() -> None:
    script = CHECKOUT / ".ci" / "run"
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]

    assert commands[-1].endswith("sh installer/test.sh")
    assert script.stat().st_mode & stat.S_IXUSR


def test_that_arguments_reach_labmon_unchanged_and_the_caller_keeps_his_folder(machine: Path) -> None:
    answer = run(machine, "run.sh", "read", "two words.xlsx", "--json", UV_RUN_STATUS="2")

    synced, ran = (machine / "uv.log").read_text().splitlines()
    project = f"[--project][{machine / 'my labmon'}]"
    here = f" in {machine / 'else where'}"
    assert f"[sync][--quiet]{project}[--locked][--no-dev][--inexact]{here}" == synced
    assert f"[run][--quiet][--no-sync]{project}[labmon][read][two words.xlsx][--json]{here}" == ran
    assert answer.returncode == 2
    assert answer.stdout == answer.stderr == ""


def test_that_a_user_without_rights_is_told_the_one_command_to_ask_for(machine: Path) -> None:
    lack(machine)
    answer = run(machine, "run.sh", "demo")

    command = re.compile(r"sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends libnowhere1\b.*'")
    assert len(command.findall(answer.stderr)) == 1
    assert answer.returncode == 3
    assert not (machine / "apt.log").exists()


def test_that_root_installs_what_is_missing_and_hears_when_it_did_not_help(machine: Path) -> None:
    lack(machine)
    answer = run(machine, "run.sh", "demo", WHO="0")

    asked = (machine / "apt.log").read_text().splitlines()
    assert asked[0] == "apt-get update"
    assert asked[1].startswith("apt-get install -y --no-install-recommends libnowhere1")
    assert "the loader still does not find their libraries: libnowhere1" in answer.stderr
    assert answer.returncode == 3


def test_that_a_user_with_sudo_needs_nobody(machine: Path) -> None:
    lack(machine)
    executable(machine / "bin" / "sudo", f'echo "sudo $*" >>"{machine}/sudo.log"', 'shift; exec "$@"')
    run(machine, "run.sh", "demo")

    assert "sudo -n env DEBIAN_FRONTEND=noninteractive" in (machine / "sudo.log").read_text()
    assert "apt-get install" in (machine / "apt.log").read_text()


def test_that_a_machine_without_apt_is_told_the_packages(machine: Path) -> None:
    lack(machine)
    (machine / "bin" / "apt-get").unlink()
    answer = run(machine, "run.sh", "demo", WHO="0")

    assert "libnowhere1" in answer.stderr
    assert answer.returncode == 3


def test_that_a_subcommand_that_draws_nothing_does_not_ask_for_libraries(machine: Path) -> None:
    lack(machine)

    assert run(machine, "run.sh", "assess", "--json").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "display", "status"),
    [(("demo",), ":0", 3), (("demo", "--headless"), ":0", 0), (("demo",), "", 0), ((), ":0", 3)],
)
def test_that_the_libraries_of_a_screen_are_needed_only_on_a_screen(
    machine: Path, arguments: tuple[str, ...], display: str, status: int
) -> None:
    prepare = machine / "my labmon" / "installer" / "prepare.sh"
    prepare.write_text(
        prepare.read_text()
        .replace("screen_libraries='", "screen_libraries='libnowhere.so.1=libnowhere1 ")
        .replace("offscreen_libraries='libnowhere.so.1=libnowhere1 ", "offscreen_libraries='")
    )

    assert status == run(machine, "run.sh", *arguments, DISPLAY=display).returncode


def test_that_a_machine_without_python_is_told_what_to_install(machine: Path) -> None:
    (machine / "bin" / "uv").unlink()
    answer = run(machine, "run.sh", "demo")

    assert "Python 3.11, 3.12 or 3.13 is missing" in answer.stderr
    assert "apt-get install -y python3 python3-pip" in answer.stderr
    assert answer.returncode == 2


def test_that_a_machine_without_uv_gets_it_from_pip_without_touching_the_systems_python(machine: Path) -> None:
    (machine / "bin" / "uv").rename(machine / "uv")
    executable(
        machine / "bin" / "python3",
        f'echo "python3 $*" >>"{machine}/python.log"',
        'case "$*" in *"pip install"*) ;; *) exit 0 ;; esac',
        f'"{shutil.which("mkdir")}" -p "{machine}/my labmon/.uv/bin"',
        f'"{shutil.which("cp")}" "{machine}/uv" "{machine}/my labmon/.uv/bin/uv"',
    )
    first = run(machine, "run.sh", "assess")
    second = run(machine, "run.sh", "assess")

    installs = [line for line in (machine / "python.log").read_text().splitlines() if "pip install" in line]
    assert first.returncode == second.returncode == 0
    assert len(installs) == 1
    assert f"--target {machine}/my labmon/.uv uv>=0.8" in installs[0]
    assert "fetching uv with pip" in first.stderr
    assert second.stderr == ""


def test_that_the_range_of_pythons_is_that_of_the_project() -> None:
    prepare = (CHECKOUT / "installer" / "prepare.sh").read_text()
    pyproject = (CHECKOUT / "pyproject.toml").read_text()

    assert 'requires-python = ">=3.11,<3.14"' in pyproject
    assert "(3, 11) <= sys.version_info[:2] < (3, 14)" in prepare


def test_that_the_tests_are_run_even_when_a_check_fails_and_the_failure_is_not_forgotten(machine: Path) -> None:
    executable(
        machine / "bin" / "uv",
        '[ "$1" != --version ] || { echo "uv 0.13.9"; exit; }',
        f'printf "[%s]" "$@" >>"{machine}/uv.log"',
        f'echo >>"{machine}/uv.log"',
        'case "$*" in *mypy*) echo "error: a type"; exit 1 ;; *pytest*) echo "= 3 passed ="; exit 0 ;; esac',
    )
    answer = run(machine, "test.sh", "-k", "a or b", "-x")

    calls = (machine / "uv.log").read_text().splitlines()
    tools = [re.findall(r"\[([^]]*)\]", call)[3] for call in calls[1:]]
    assert tools == ["ruff", "ruff", "mypy", "lint-imports", "pytest"]
    assert calls[-1].endswith("[pytest][-k][a or b][-x]")
    assert "error: a type" in answer.stderr
    assert answer.stdout.splitlines()[-1] == "= 3 passed ="
    assert answer.returncode == 1


def test_that_every_subcommand_the_readme_names_exists() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL))
    named = set(re.findall(r"^labmon ([a-z][a-z-]*)", blocks, re.MULTILINE))
    labmon = Path(sys.executable).with_name("labmon")

    assert named >= {"read", "assess", "demo"}
    for subcommand in sorted(named):
        answer = subprocess.run([labmon, subcommand, "--help"], check=False, capture_output=True, text=True, timeout=60)
        assert answer.returncode == 0, answer.stderr
        assert f"labmon {subcommand}" in answer.stdout
