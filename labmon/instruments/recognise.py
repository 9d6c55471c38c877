"""Says which format a file is, by its content alone; two claims are a question to the person."""

from __future__ import annotations

from labmon.domain.errors import UserError
from labmon.domain.issue import Issue
from labmon.instruments.formats import FORMATS, Format, Medium
from labmon.instruments.options import ReadOptions
from labmon.instruments.source import Container, Source, is_workbook_archive

_MEDIA = {
    Container.TEXT: Medium.TEXT,
    Container.OLE: Medium.WORKBOOK,
    Container.XML: Medium.XML,
    Container.JSON: Medium.JSON,
    Container.FCS: Medium.EVENTS,
}


def recognise(source: Source, options: ReadOptions) -> Format:
    """The one format that claims the file. Raises UserError: I001 none does, I015 several do, I002 damaged."""
    if options.format_id is not None:
        if options.format_id not in FORMATS:
            raise UserError("I001", detail=f'there is no format "{options.format_id}"')
        return FORMATS[options.format_id]
    medium = _medium(source)
    if medium is None:
        raise _refusal(source)
    claims = [
        each for each in FORMATS.values() if medium in each.media and each.names_its_sheet and each.claims(source)
    ]
    if not claims:
        # A workbook that names its sheets is not also searched for tables: its first sheet may be raw data of an hour.
        others = [each for each in FORMATS.values() if medium in each.media and not each.names_its_sheet]
        claims = [each for each in others if each.claims(source)]
    if len(claims) > 1:
        raise UserError("I015", formats=" and ".join(f"{each.title} ({each.id})" for each in claims))
    if not claims:
        raise _refusal(source)
    return claims[0]


def extension_issue(source: Source, read_as: Format) -> Issue | None:
    """The warning that the name's ending belongs to other files; None when it fits."""
    if not source.extension or source.extension in read_as.extensions:
        return None
    return Issue(code="I019", parameters={"extension": source.extension, "format": read_as.title})


def _medium(source: Source) -> Medium | None:
    if source.container is Container.ZIP:
        return Medium.WORKBOOK if is_workbook_archive(source.data) else Medium.ARCHIVE
    return _MEDIA.get(source.container)


def _refusal(source: Source) -> UserError:
    """I001 with what the file looks like, or I002 when it looks damaged."""
    if source.container is Container.EMPTY:
        return UserError("I002", detail="it is empty")
    if source.container is Container.PDF:
        return UserError("I001", detail="it is a PDF, a report for people")
    if source.container is Container.IMAGE:
        return UserError("I001", detail="it is a picture")
    if source.container is Container.ZIP:
        return _archive_refusal(source)
    if source.container is Container.OLE:
        return _workbook_refusal(source)
    return _text_refusal(source)


def _archive_refusal(source: Source) -> UserError:
    from labmon.instruments import guard

    guard.check_zip(source.data)
    if is_workbook_archive(source.data):
        return _workbook_refusal(source)
    if b"apldbio/sds" in source.data or source.extension == ".eds":
        return UserError("I001", detail="it is a project file of the instrument (.eds); export its results instead")
    xml_files = sum(name.lower().endswith(".xml") for name in source.members)
    if xml_files > 1:
        return UserError(
            "I001", detail=f"it is an archive of {xml_files} XML files, and which of them counts is not said"
        )
    return UserError("I001", detail="it is an archive, but neither a workbook nor RDML")


def _workbook_refusal(source: Source) -> UserError:
    names = source.workbook.sheet_names
    shown = ", ".join(f'"{each}"' for each in names[:4]) + (", ..." if len(names) > 4 else "")
    return UserError("I001", detail=f"it is a workbook with the sheets {shown}" if names else "it is an empty workbook")


def _text_refusal(source: Source) -> UserError:
    if source.container is Container.XML:
        return UserError("I001", detail=f"it is an XML file of <{source.root_name}>")
    if source.container is Container.JSON:
        return UserError("I001", detail="it is a JSON file")
    first = next((line.strip() for line in source.text.lines if line.strip()), "")
    if not first:
        return UserError("I002", detail="it holds only white space")
    shown = first if len(first) <= 60 else first[:60] + "..."
    return UserError("I001", detail=f'it is a text that begins "{shown}"')
