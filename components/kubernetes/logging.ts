/** What is logged, with its defaults. */
export interface LoggingSpec {
  readonly log4jLoggers: Readonly<Record<string, string>>;
  readonly log4j2ConfigurationTemplate?: string;
}

export const LOG_LEVELS = ["OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL"] as const;

const ROOT_LEVEL = /\{\{\s*rootLoggerLogLevel\s*\}\}/g;
const LOGGERS = /\{\{\s*userConfiguredLoggers\s*\}\}/g;

/** What a template may name. */
export function unknownTemplateNames(template: string): string[] {
  const left = template.replace(ROOT_LEVEL, "").replace(LOGGERS, "");
  return left.match(/\{[{%].*?[}%]\}/gs) ?? [];
}

const PATTERN = "%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %-60c %x - %m%n";

/** As in Flink's own distribution: `kubectl logs` shows the console, Flink's web page the file. */
const DEFAULT_PROFILE = `monitorInterval = 30
rootLogger.level = {{ rootLoggerLogLevel }}
rootLogger.appenderRef.console.ref = ConsoleAppender
rootLogger.appenderRef.rolling.ref = RollingFileAppender
appender.console.name = ConsoleAppender
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = ${PATTERN}
appender.rolling.name = RollingFileAppender
appender.rolling.type = RollingFile
appender.rolling.append = true
appender.rolling.fileName = \${sys:log.file}
appender.rolling.filePattern = \${sys:log.file}.%i
appender.rolling.layout.type = PatternLayout
appender.rolling.layout.pattern = ${PATTERN}
appender.rolling.policies.type = Policies
appender.rolling.policies.size.type = SizeBasedTriggeringPolicy
appender.rolling.policies.size.size = 100MB
appender.rolling.strategy.type = DefaultRolloverStrategy
appender.rolling.strategy.max = 5
{{ userConfiguredLoggers }}
`;

/** `log4j-console.properties`, which Flink's scripts start all processes with. */
export function log4jProperties({ log4jLoggers, log4j2ConfigurationTemplate }: LoggingSpec): string {
  const root = log4jLoggers[""] ?? "INFO";
  const loggers = Object.entries(log4jLoggers)
    .filter(([name]) => name !== "")
    .flatMap(([name, level], index) => [`logger.user${index}.name = ${name}`, `logger.user${index}.level = ${level}`]);
  return (log4j2ConfigurationTemplate ?? DEFAULT_PROFILE)
    .replace(ROOT_LEVEL, () => root)
    .replace(LOGGERS, () => loggers.join("\n"));
}
