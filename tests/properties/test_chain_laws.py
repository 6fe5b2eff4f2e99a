"""What holds of the reader's rule, however the records and their headers lie."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incident_pipeline.chain import ID, PREVIOUS, Tail, header
from incident_pipeline.codec import GENESIS, link
from incident_pipeline.log import LogRecord, follow_chain, follow_ids

names = st.sampled_from(["ce_sequence", ID, PREVIOUS])
wrong = st.sampled_from([b"", GENESIS.hex().encode(), b"ab" * 32])


@st.composite
def logs(draw: st.DrawFn) -> list[LogRecord]:
    """Records that mostly extend a chain, with their headers in any order, some of them twice, wrong or absent."""
    last_id, records = GENESIS, []
    for offset in range(draw(st.integers(0, 6))):
        value = draw(st.sampled_from([b"a", b"b", b"c", None]))
        record_id = link(last_id, value or b"")
        right = [(ID, record_id.hex().encode()), (PREVIOUS, last_id.hex().encode())]
        others = draw(st.lists(st.tuples(names, wrong), max_size=2))
        headers = draw(st.one_of(st.just([*right, *others]), st.permutations([*right, *others])))
        headers = headers[draw(st.sampled_from([0, 0, 0, 1, 2])) :]
        records.append(LogRecord("t", 0, offset, 0, None, value, tuple(headers) if draw(st.booleans()) else headers))
        if draw(st.booleans()):
            last_id = record_id
    return records


def counts(record: LogRecord, last_id: bytes) -> bool:
    """The rule, word by word."""
    return (
        record.value is not None
        and header(record.headers, PREVIOUS) == last_id.hex().encode()
        and header(record.headers, ID) == link(last_id, record.value).hex().encode()
    )


@given(logs())
def test_those_records_count_whose_first_headers_of_both_names_extend_the_chain(records: list[LogRecord]) -> None:
    last_id, expected, ids = GENESIS, [], []
    for record in records:
        if counts(record, last_id):
            last_id = link(last_id, record.value or b"")
            expected.append(record)
            ids.append(last_id)
    counting, named, tail = follow_ids(records, Tail())
    assert (counting, named) == (expected, ids)
    last_offset = expected[-1].offset if expected else -1
    assert tail == Tail(last_id, len(expected), len(records), last_offset)
    assert follow_chain(records, Tail()) == (counting, tail)
