"""Write `app/texts/en.json`."""

from tools.texts import FILE, gathered, written

FILE.write_text(written(gathered()), encoding="utf-8")
print(f"{FILE.name}: {sum(map(len, gathered().values()))} texts")
