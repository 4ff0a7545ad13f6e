"""API keys: made and withdrawn by a person who is signed in, so that no key can make itself a stronger one."""

from typing import Any

from rest_framework import serializers

from crowd.api.body import Input
from crowd.api.deeds import SESSION, Call, Endpoint, deed
from crowd.api.fields import Row, Time
from crowd.api.paging import Page
from crowd.users import queries
from crowd.users.models import ApiKey
from crowd.users.services import api_keys
from crowd.users.states import Scope


class KeyOut(Row):
    class Meta:
        model = ApiKey
        fields = ["id", "name", "prefix", "scopes", "created_at", "last_used_at", "expires_at"]


class NewKeyOut(KeyOut):
    """`key` is shown this once."""

    key = serializers.CharField()

    class Meta(KeyOut.Meta):
        fields = [*KeyOut.Meta.fields, "key"]


class NewKey(Input):
    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), min_length=1)
    expires_at = Time(required=False, allow_null=True)


class ApiKeys(Endpoint):
    @deed("My API keys", scope=SESSION, gives=KeyOut, pages=True)
    def get(self, call: Call) -> Page:
        return call.page.of(queries.api_keys(call.user))

    @deed("Make an API key", scope=SESSION, takes=NewKey, gives=NewKeyOut, status=201)
    def post(self, call: Call) -> ApiKey:
        key: Any
        key, key.key = api_keys.create(user=call.user, **call.data)
        return key  # type: ignore[no-any-return]


class ApiKeyView(Endpoint):
    @deed("Withdraw an API key", scope=SESSION, status=204)
    def delete(self, call: Call, key_id: int) -> None:
        api_keys.revoke(actor=call.user, key_id=key_id)
