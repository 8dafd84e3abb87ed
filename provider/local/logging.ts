/** The log4j2 configuration of every process of a local cluster; the process says in `log.file` where its log is. */
export function renderLog4j(): string {
  return [
    "rootLogger.level = INFO",
    "rootLogger.appenderRef.file.ref = MainAppender",
    "",
    "logger.pekko.name = org.apache.pekko",
    "logger.pekko.level = INFO",
    "logger.zookeeper.name = org.apache.flink.shaded.zookeeper3",
    "logger.zookeeper.level = WARN",
    "",
    "appender.main.name = MainAppender",
    "appender.main.type = RollingFile",
    "appender.main.append = true",
    "appender.main.fileName = ${sys:log.file}",
    "appender.main.filePattern = ${sys:log.file}.%i",
    "appender.main.layout.type = PatternLayout",
    "appender.main.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n",
    "appender.main.policies.type = Policies",
    "appender.main.policies.size.type = SizeBasedTriggeringPolicy",
    "appender.main.policies.size.size = 20MB",
    "appender.main.strategy.type = DefaultRolloverStrategy",
    "appender.main.strategy.max = 3",
    "",
  ].join("\n");
}
