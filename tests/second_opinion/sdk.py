"""Uses the fake with the official Python client."""

import os

from authress import AuthressClient

client = AuthressClient(
    authress_api_url=os.environ["AUTHRESS_API_URL"],
    service_client_access_key=os.environ["AUTHRESS_ACCESS_KEY"],
)
page = client.users.get_users(limit=5)
assert len(page.users) == 5
user_id = page.users[0].user_id
assert client.users.get_user(user_id).user_id == user_id
client.users.delete_user(user_id)
try:
    client.users.get_user(user_id)
except Exception as error:
    assert "404" in str(error), error
else:
    raise AssertionError("the deleted user still exists")
