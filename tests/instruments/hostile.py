"""Files made to hurt whoever opens them, written when a test runs: nothing of this lies in the repository."""

import io
import struct
import zipfile
from collections.abc import Iterable

_NS = "http://schemas.openxmlformats.org/"
_HEAD = '<?xml version="1.0"?>'
_REL = _NS + "officeDocument/2006/relationships"
_TYPES = (
    f'{_HEAD}<Types xmlns="{_NS}package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    + "".join(
        f'<Override PartName="/xl/{part}" '
        f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        for part, kind in (
            ("workbook.xml", "sheet.main"),
            ("worksheets/sheet1.xml", "worksheet"),
            ("sharedStrings.xml", "sharedStrings"),
        )
    )
    + "</Types>"
)
_RELS = (
    f'{_HEAD}<Relationships xmlns="{_NS}package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK = (
    f'{_HEAD}<workbook xmlns="{_NS}spreadsheetml/2006/main" xmlns:r="{_REL}">'
    '<sheets><sheet name="Results" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_BOOK_RELS = (
    f'{_HEAD}<Relationships xmlns="{_NS}package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
_ONE_CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'
_SHARED_CELL = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
_LAST_CELL = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def _strings(text: str = "a") -> str:
    return f'<sst xmlns="{_NS}spreadsheetml/2006/main"><si><t>{text}</t></si></sst>'


def _laughs() -> str:
    levels = "".join(f'<!ENTITY lol{i} "{f"&lol{i - 1};" * 10}">' for i in range(1, 10))
    return f'<!DOCTYPE l [<!ENTITY lol0 "lolololololololol">{levels}]>'


_QUADRATIC = '<!DOCTYPE q [<!ENTITY a "' + "A" * 50_000 + '">]>'


def workbook(
    rows: Iterable[str | bytes], *, strings: str = _HEAD + _strings(), extra: Iterable[tuple[str, str]] = ()
) -> bytes:
    """A workbook with one sheet `Results` made of these pieces of XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELS),
            ("xl/workbook.xml", _BOOK),
            ("xl/_rels/workbook.xml.rels", _BOOK_RELS),
            ("xl/sharedStrings.xml", strings),
            *extra,
        ):
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as stream:
            stream.write(f'{_HEAD}<worksheet xmlns="{_NS}spreadsheetml/2006/main"><sheetData>'.encode())
            for piece in rows:
                stream.write(piece if isinstance(piece, bytes) else piece.encode())
            stream.write(b"</sheetData></worksheet>")
    return out.getvalue()


def harmless() -> bytes:
    return workbook([_ONE_CELL])


def two_far_cells() -> bytes:
    """Under two kilobytes; makes calamine ask for 512 GiB and abort its process (tafia/calamine #693)."""
    return workbook([_ONE_CELL, _LAST_CELL])


def one_far_cell() -> bytes:
    return workbook([_LAST_CELL])


def billion_laughs() -> bytes:
    return workbook([_SHARED_CELL], strings=_HEAD + _laughs() + _strings("&lol9;"))


def quadratic() -> bytes:
    return workbook([_SHARED_CELL], strings=_HEAD + _QUADRATIC + _strings("&a;" * 20_000))


def late_doctype() -> bytes:
    """The document type stands behind eight kilobytes of comment."""
    return workbook([_SHARED_CELL], strings=f"{_HEAD}<!--{' ' * 8192}-->{_QUADRATIC}{_strings('&a;')}")


def utf16_doctype() -> bytes:
    text = '<?xml version="1.0" encoding="utf-16"?>' + _QUADRATIC + _strings("&a;")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(harmless())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, text.encode("utf-16") if name == "xl/sharedStrings.xml" else old.read(name))
    return out.getvalue()


def many_members() -> bytes:
    return workbook([_ONE_CELL], extra=[(f"xl/media/{i}", "") for i in range(2500)])


def bomb_of_rows() -> bytes:
    """A quarter of a gigabyte of rows in under a megabyte."""
    return workbook([b'<row r="1"><c r="A1" t="n"><v>1</v></c></row>' * 1000] * 6000)


def escaping_member() -> bytes:
    return workbook([_ONE_CELL], extra=[("../../escaped.txt", "x")])


def overlapping_members() -> bytes:
    """The directory names the same bytes twice."""
    data = bytearray(harmless())
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)


def encrypted_member() -> bytes:
    data = bytearray(harmless())
    at = data.find(b"PK\x01\x02")
    flags = struct.unpack_from("<H", data, at + 8)[0]
    struct.pack_into("<H", data, at + 8, flags | 1)
    return bytes(data)


def password_protected() -> bytes:
    """What Excel makes of a workbook with a password: an OLE file whose one stream is the encrypted package."""
    sector = 512
    header = bytearray(sector)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<III", header, 44, 1, 1, 0)
    struct.pack_into("<I", header, 56, 0x1000)
    directory = bytearray(sector)
    for index, name in enumerate(("Root Entry", "EncryptedPackage", "EncryptionInfo")):
        text = name.encode("utf-16-le")
        directory[index * 128 : index * 128 + len(text)] = text
        struct.pack_into("<H", directory, index * 128 + 64, len(text) + 2)
    return bytes(header) + b"\xff" * sector + bytes(directory) + bytes(4 * sector)


REFUSED_BEFORE_PARSING = {
    "I018": (billion_laughs, quadratic, late_doctype, utf16_doctype, many_members, bomb_of_rows, escaping_member,
             overlapping_members),
    "I010": (encrypted_member, password_protected),
}  # fmt: skip
