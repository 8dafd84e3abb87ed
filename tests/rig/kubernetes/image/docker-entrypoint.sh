#!/bin/bash
# Starts what the official image's entrypoint starts: `jobmanager [HOST]`, `taskmanager`, or any other command as it is.
#
# Its environment is understood too: FLINK_PROPERTIES, JOB_MANAGER_RPC_ADDRESS, TASK_MANAGER_NUMBER_OF_TASK_SLOTS. As
# there, a configuration that cannot be written (a mounted ConfigMap) is taken as it is, and they count for nothing. And
# ENABLE_BUILT_IN_PLUGINS, jars of the folder `opt`, parted by semicolons: one that is not there ends the container.
set -euo pipefail

conf=${FLINK_CONF_DIR:-$FLINK_HOME/conf}
class_path=$(printf '%s:' "$FLINK_HOME"/lib/*.jar)
settings=()

# What Flink's reflection needs of a Java that has modules.
java_options=(
  --add-exports=java.base/sun.net.util=ALL-UNNAMED
  --add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED
  --add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED
)
for package in java.lang java.lang.reflect java.math java.net java.io java.nio java.text java.time java.util \
  java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks sun.nio.ch; do
  java_options+=("--add-opens=java.base/$package=ALL-UNNAMED")
done

trim() {
  local text=${1#"${1%%[![:space:]]*}"}
  printf '%s' "${text%"${text##*[![:space:]]}"}"
}

# Lines of `key: value` on standard input become settings that win over the file's.
read_properties() {
  local line key value
  while IFS= read -r line; do
    line=$(trim "$line")
    [[ $line == '' || $line == '#'* || $line != *:* ]] && continue
    key=$(trim "${line%%:*}")
    value=$(trim "${line#*:}")
    [[ $value == \"*\" || $value == \'*\' ]] && value=${value:1:-1}
    settings+=(-D "$key=$value")
  done
}

read_environment() {
  [[ -w $conf/config.yaml ]] || return 0
  read_properties <<<"jobmanager.rpc.address: ${JOB_MANAGER_RPC_ADDRESS:-$(hostname -f)}
    blob.server.port: 6124
    query.server.port: 6125
    taskmanager.numberOfTaskSlots: ${TASK_MANAGER_NUMBER_OF_TASK_SLOTS:-1}"
  read_properties < <(envsubst <<<"${FLINK_PROPERTIES:-}")
}

# Each plugin is a folder of its own.
enable_plugins() {
  local jars=() jar
  IFS=';' read -ra jars <<<"${ENABLE_BUILT_IN_PLUGINS:-}"
  for jar in "${jars[@]}"; do
    [[ -e $FLINK_HOME/opt/$jar ]] || {
      echo "Plugin $jar does not exist. Exiting."
      exit 1
    }
    mkdir -p "$FLINK_HOME/plugins/${jar%.jar}"
    ln -fs "$FLINK_HOME/opt/$jar" "$FLINK_HOME/plugins/${jar%.jar}"
  done
}

# The value of a key, of the last setting or else of the file; empty when there is none.
setting() {
  local found='' entry
  [[ -r $conf/config.yaml ]] && found=$(sed -n "s/^${1//./\\.}: *//p" "$conf/config.yaml" | tail -n 1)
  for entry in "${settings[@]}"; do
    [[ $entry == "$1="* ]] && found=${entry#*=}
  done
  [[ $found == \"*\" || $found == \'*\' ]] && found=${found:1:-1}
  printf '%s' "$found"
}

# What Flink itself makes of the memory settings: the first line is for Java, the second for Flink.
memory() {
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$class_path" org.apache.flink.runtime.util.bash.BashJavaUtils \
    "$1" --configDir "$conf" "${settings[@]}" | sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p'
}

start() {
  local component=$1 memory_command=$2 class=$3
  shift 3
  local lines=() word
  mapfile -t lines < <(memory "$memory_command")
  [[ ${#lines[@]} -eq 2 ]] || {
    echo "Flink could not make its memory out of the configuration: see the lines above." >&2
    exit 1
  }
  for word in ${lines[0]} $(setting env.java.opts.all) $(setting "env.java.opts.$component") ${FLINK_ENV_JAVA_OPTS:-}; do
    java_options+=("$word")
  done
  local parameters=()
  read -ra parameters <<<"${lines[1]}"
  # The file's directory is there for Flink's web page, which offers the logs.
  # Tests end long before the second compiler would pay.
  exec java -XX:TieredStopAtLevel=1 "${java_options[@]}" \
    "-Dlog.file=$FLINK_HOME/log/flink-$component.log" \
    "-Dlog4j.configurationFile=file:$conf/log4j-console.properties" \
    -cp "$class_path" "$class" --configDir "$conf" "$@" "${settings[@]}" "${parameters[@]}"
}

enable_plugins
case ${1:-help} in
  jobmanager)
    shift
    read_environment
    host=()
    [[ ${1:--} == -* ]] || {
      host=(--host "$1")
      shift
    }
    start jobmanager GET_JM_RESOURCE_PARAMS \
      org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint "${host[@]}" "$@"
    ;;
  taskmanager)
    shift
    read_environment
    start taskmanager GET_TM_RESOURCE_PARAMS org.apache.flink.runtime.taskexecutor.TaskManagerRunner "$@"
    ;;
  help)
    echo "Usage: docker-entrypoint.sh (jobmanager [HOST]|taskmanager|COMMAND) [ARGUMENT...]"
    ;;
  *)
    exec "$@"
    ;;
esac
