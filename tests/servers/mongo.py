"""A server of MongoDB's protocol, told on stdin what to do: one JSON array a line, answered by one line.

Started as `mongo.py STORE PORT [PORT...]`; the further ports are those of the members of its replica set, the primary first. With authentication on there is no way in for the first user, so that one is made before.
"""

import json
import sys

import pymongo
from secantus import SecantusDBServer, commands

STORE, PORT, *MEMBERS = sys.argv[1], *map(int, sys.argv[2:])
ADMIN, ADMIN_PASSWORD = "root", "rootpw"
# What it has answered it still knows after it is killed, the latest password too.
SETTINGS = dict(
    host="127.0.0.1",
    storage_path=STORE,
    sync_on_commit=True,
    cache_size="64M",
    replica_set_name="set" if MEMBERS else None,
)


def serve(port):
    server = SecantusDBServer(port=port, require_auth=True, **SETTINGS)
    server.start()
    return server


def admin(port):
    return pymongo.MongoClient(
        "127.0.0.1", port, username=ADMIN, password=ADMIN_PASSWORD, authSource="admin", directConnection=True
    )


def put_user(port, name, password, database):
    with admin(port) as client:
        users = client.admin.command("usersInfo", name)["users"]
        if users:
            client.admin.command("updateUser", name, pwd=password)
        else:
            roles = [{"role": "readWrite", "db": database}]
            client.admin.command("createUser", name, pwd=password, roles=roles)


def join(members):
    """The server is made to be a set's only member; drivers are told of all members, and which is the primary."""
    hosts = [f"127.0.0.1:{port}" for port in members]
    alone = commands._hello

    def hello(document, context):
        answer = alone(document, context)
        if "setName" in answer:
            is_primary = answer["me"] == hosts[0]
            answer |= {"hosts": hosts, "primary": hosts[0], "secondary": not is_primary}
            answer |= {"isWritablePrimary": is_primary, "ismaster": is_primary}
            if not is_primary:
                del answer["electionId"]
        return answer

    commands._HANDLERS |= {name: hello for name in ("hello", "isMaster", "ismaster")}


def main():
    if MEMBERS:
        join(MEMBERS)
    with SecantusDBServer(port=0, **SETTINGS) as server:
        with pymongo.MongoClient("127.0.0.1", server.port, directConnection=True) as client:
            if not client.admin.command("usersInfo", ADMIN)["users"]:
                client.admin.command("createUser", ADMIN, pwd=ADMIN_PASSWORD, roles=["root"])
    server = serve(PORT)
    print("ready", flush=True)
    for line in sys.stdin:
        match json.loads(line):
            case ["user", name, password, database]:
                put_user(PORT, name, password, database)
            case ["cut"]:
                server.connections.close_all()
        print("done", flush=True)
    server.stop()


main()
