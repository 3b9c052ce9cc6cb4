"""The tables of the layouts before this one, as their versions of the program made them."""

from collections.abc import Mapping, Sequence

__all__ = ["LAYOUTS"]

_INTAKE = """create table intake (
    sha256 varchar(64) not null, received_at varchar(32) not null, data {blob} not null, primary key (sha256))"""
_CLAIM_1 = """create table claim (
    identifier varchar(17) not null, source varchar(64) not null, made_at varchar(32) not null, bundle {blob} not null,
    primary key (identifier), foreign key(source) references intake (sha256))"""
_LAYOUT = "create table layout (version integer not null, primary key (version))"
_CLAIM_2 = """create table claim (
    number {serial} not null, identifier varchar(17) not null, sha256 varchar(64) not null, source varchar(64) not null,
    made_at varchar(32) not null, bundle {blob} not null, primary key (number), unique (identifier, sha256),
    foreign key(source) references intake (sha256))"""
_ANSWERS = (
    """create table interchange (
    number {serial} not null, sha256 varchar(64) not null, group_number varchar(9) not null, made_at varchar(32) not null,
    data {blob} not null, primary key (number), unique (sha256))""",
    """create table sent (
    identifier varchar(38) not null, sha256 varchar(64) not null, primary key (identifier, sha256),
    foreign key(sha256) references interchange (sha256))""",
    """create table answer (
    number {serial} not null, identifier varchar(50) not null, source varchar(64) not null, place integer not null,
    received_at varchar(32) not null, resource {blob} not null, primary key (number), unique (source, place),
    foreign key(source) references intake (sha256))""",
)
_DOCUMENT = "insert into intake values ('d1', '2026-03-03T12:00:00+00:00', {document})"
_NUMBERED = "insert into claim (identifier, sha256, source, made_at, bundle) values ('R1', 'old', 'd1', '2026-03-03', {bundle})"

LAYOUTS: Mapping[int, Sequence[str]] = {
    1: (_INTAKE, _CLAIM_1, _DOCUMENT, "insert into claim values ('R1', 'd1', '2026-03-03', {bundle})"),
    2: (_INTAKE, _LAYOUT, _CLAIM_2, "insert into layout values (2)", _DOCUMENT, _NUMBERED),
    3: (
        _INTAKE, _LAYOUT, _CLAIM_2, *_ANSWERS, "insert into layout values (3)", _DOCUMENT, _NUMBERED,
        "insert into interchange (sha256, group_number, made_at, data) values ('i1', '42', '2026-03-03', {document})",
        "insert into sent values ('R1', 'i1')",
        "insert into answer (identifier, source, place, received_at, resource) values ('R1', 'd1', 0, '2026-03-03', {bundle})",
    ),
}
