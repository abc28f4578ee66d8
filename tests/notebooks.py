"""
Run a notebook without Jupyter, as far as those in `examples/` need it.

Cells run in order and share their names. A cell shows what it prints and its last expression.
Run as a program, this file writes the outputs of every notebook in `examples/` anew.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "examples"
DRAWN = {"text/html": "_repr_html_", "image/svg+xml": "_repr_svg_"}


def shown(source: str, names: dict[str, object]) -> list[dict[str, Any]]:
    """Run one cell and return its outputs as a notebook stores them."""
    parsed = ast.parse(source)
    last = parsed.body.pop() if parsed.body and isinstance(parsed.body[-1], ast.Expr) else None
    value: object = None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(parsed, "<cell>", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    outputs: list[dict[str, Any]] = []
    if text := printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": text.splitlines(True)})
    if value is not None:
        data = {
            kind: getattr(value, method)().splitlines(True)
            for kind, method in DRAWN.items()
            if hasattr(value, method)
        }
        data["text/plain"] = [f"<{type(value).__name__}>"] if data else [repr(value)]
        outputs.append({"data": data, "metadata": {}, "output_type": "display_data"})
    return outputs


def executed(text: str) -> str:
    """Return a notebook with the outputs its cells have now; files are read from `examples/`."""
    notebook = json.loads(text)
    names: dict[str, object] = {"__name__": "__main__"}
    with contextlib.chdir(EXAMPLES):
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = shown("".join(cell["source"]), names)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for page in sorted(EXAMPLES.glob("*.ipynb")):
        page.write_text(executed(page.read_text("utf-8")), "utf-8")
