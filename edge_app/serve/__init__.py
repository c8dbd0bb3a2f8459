"""``otak serve``: the page for people, the API for programs; ``docs/http-api.md`` explains every address."""
