import Logging

/// A logger that prints nothing: a server inside a command must not write between the command's own lines.
let silentLogger = Logger(label: "http", factory: { _ in SwiftLogNoOpLogHandler() })
