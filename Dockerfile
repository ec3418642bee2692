FROM python:3.11-slim

WORKDIR /glassnet

# The dependencies first, in a layer that stays while only code changes.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > /tmp/needs.txt \
    && pip install --no-cache-dir -c constraints.txt -r /tmp/needs.txt

COPY . .
RUN pip install --no-cache-dir --no-deps -e . \
    && useradd --create-home glassnet \
    && install -d -o glassnet /data

USER glassnet
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM

# /livez answers while the server lives; Python asks, as this image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]

CMD ["glassnet", "serve", "--host", "0.0.0.0", "--port", "8000", "--data-dir", "/data", "--no-open"]
