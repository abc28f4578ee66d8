"""Which wording of a protocol this is, and what has become of its product."""

from __future__ import annotations

from protocol_sched.model.protocol import Protocol
from protocol_sched.text.languages import LANGUAGES


def status_text(protocol: Protocol, *, language: str = "en") -> str:
    """Return what has become of the product: ``Status: EU authorisation revoked``; else empty."""
    status = protocol.variant.status
    return LANGUAGES[language].tell("Status: {status}", status=status) if status else ""


def variant_text(protocol: Protocol, *, gaps: bool = True, language: str = "en") -> str:
    """
    Return which wording a protocol is: ``country US; for chronic gout; version 2018``.

    Args:
        gaps: Say what is not stated.
    """
    speech, variant = LANGUAGES[language], protocol.variant
    said = [
        speech.plan.variant(variant.country, "", "", None, None),
        speech.plan.variant("", variant.indication, "", None, None),
        speech.plan.variant("", "", variant.version, variant.valid_from, variant.valid_until),
    ]
    if gaps and not variant.country:
        said[0] = speech.tell("country not stated")
    if gaps and not variant.indication:
        said[1] = speech.tell("indication not stated")
    return "; ".join(filter(None, said))


def heading_text(protocol: Protocol, *, language: str = "en") -> str:
    """
    Return what stands above dates and plans: the status first, the title, and which wording it is.

    What a protocol does not state is left out. Ends without a line feed.

    Args:
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    one = protocol.variant
    stated = LANGUAGES[language].plan.variant(
        one.country, one.indication, one.version, one.valid_from, one.valid_until
    )
    colon = LANGUAGES[language].colon
    variant = f"{protocol.name}{colon} {stated}" if stated else ""
    status = status_text(protocol, language=language)
    return "\n".join(filter(None, (status, protocol.title, variant)))
