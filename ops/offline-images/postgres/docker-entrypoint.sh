#!/usr/bin/env bash
# Runs Postgres; on an empty PGDATA makes the cluster first, as the official image does:
#   POSTGRES_PASSWORD (required, unless POSTGRES_HOST_AUTH_METHOD=trust), POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS,
#   each also as NAME_FILE; then /docker-entrypoint-initdb.d/*.sh, *.sql and *.sql.gz, in the order of their names.
set -Eeuo pipefail

fail() { printf 'postgres entrypoint: %s\n' "$*" >&2; exit 1; }

# from_file NAME DEFAULT: sets NAME to its own value, else to what is in the file named by NAME_FILE, else to DEFAULT.
from_file() {
  local file_variable=$1_FILE
  if [[ -n ${!1:-} && -n ${!file_variable:-} ]]; then fail "both $1 and $file_variable are set"; fi
  if [[ -n ${!file_variable:-} ]]; then
    [[ -r ${!file_variable} ]] || fail "$file_variable=${!file_variable} can't be read"
    printf -v "$1" '%s' "$(<"${!file_variable}")"
  fi
  printf -v "$1" '%s' "${!1:-$2}"
}

make_cluster() {
  from_file POSTGRES_USER postgres
  from_file POSTGRES_PASSWORD ''
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS ''
  local method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256} arguments
  if [[ -z $POSTGRES_PASSWORD && $method != trust ]]; then
    fail "set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE: the superuser needs a password"
  fi
  read -r -a arguments <<<"$POSTGRES_INITDB_ARGS"
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") -D "$PGDATA" ${arguments[@]+"${arguments[@]}"}
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

psql_local() {
  PGPASSWORD=$POSTGRES_PASSWORD psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password "$@"
}

fill_cluster() {
  # Without TCP, so that nobody takes the server for ready while it is only being filled.
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  if [[ $POSTGRES_DB != postgres ]]; then
    psql_local --dbname postgres --set db="$POSTGRES_DB" <<<'create database :"db";'
  fi
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    case $script in
      *.sh) if [[ -x $script ]]; then "$script"; else bash "$script"; fi ;;
      *.sql) psql_local --dbname "$POSTGRES_DB" --file "$script" ;;
      *.sql.gz) gunzip -c "$script" | psql_local --dbname "$POSTGRES_DB" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
}

if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi

if [[ ${1:-} == postgres ]]; then
  if ((EUID == 0)); then
    mkdir -p "$PGDATA"
    chown -R postgres:postgres "$PGDATA" /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA" 2>/dev/null || true
  if [[ ! -s $PGDATA/PG_VERSION ]]; then
    make_cluster
    fill_cluster
  fi
  unset POSTGRES_PASSWORD
fi

exec "$@"
