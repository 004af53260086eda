#!/bin/sh
# The one-shot service `init` of docker-compose.yml: founds the federation, adds its nodes, and writes the broker's
# accounts from the join folders. What is there already is left alone, so it may run at every start.
set -eu
umask 077

# Other places are for trying this script outside a container.
root=${INIT_ROOT:-/opt/federation}
join=${INIT_JOIN:-/join}
broker=${INIT_BROKER:-/broker}
secret=${INIT_SECRET:-/run/secrets/database-owner}
database=${INIT_DATABASE:-postgres:5432/federation}

federation() {
	"$root/deploy/bin/node24" packages/daemon/bin/federation.mjs "$@"
}

FEDERATION_OWNER_URL_FILE=$(mktemp)
export FEDERATION_OWNER_URL_FILE
trap 'rm -f "$FEDERATION_OWNER_URL_FILE"' EXIT
printf 'postgresql://federation:%s@%s\n' "$(cat "$secret")" "$database" >"$FEDERATION_OWNER_URL_FILE"

# missing NAME COMMAND…: runs the command, with where the join folder goes, unless that is there.
missing() {
	folder=$join/$1/node
	shift
	[ -e "$folder" ] || federation "$@" --broker-url stomp://activemq:61613 --out "$folder"
}
missing commander init
missing taichi-5090 node add taichi-5090 --role lead
missing aorus-3090 node add aorus-3090 --role developer
missing baby node add baby --role analyst
# A newer build brings its schema along.
federation db migrate

# ActiveMQ reads both files again when they change.
for name in taichi-5090 aorus-3090 baby commander; do
	printf '%s=%s\n' "$name" "$(cat "$join/$name/node/secrets/broker-passcode")"
done >"$broker"/users.properties.new
{
	printf '%s=%s\n' taichi-5090 taichi-5090 aorus-3090 aorus-3090 baby baby commander commander
	echo nodes=taichi-5090,aorus-3090,baby,commander
} >"$broker"/groups.properties.new
mv "$broker/users.properties.new" "$broker/users.properties"
mv "$broker/groups.properties.new" "$broker/groups.properties"
