import CSQLite

/// A connection to one SQLite database; its statements are prepared once and kept.
///
/// It belongs to one actor and is never shared, so SQLite's own mutexes are left out.
@safe
final class Connection {
    private let handle: OpaquePointer
    /// For messages.
    private let path: String
    private var statements: [String: Statement] = [:]

    /// How a database is opened.
    enum Mode {
        /// A file that is there already: SQLite would create one that others can read.
        case readWrite(path: String)
        /// A `file:` URI with its parameters.
        case readOnly(uri: String)
    }

    /// How long SQLite itself waits for another connection before it says busy. It sleeps on the thread, so this is
    /// short; longer waits are polled from outside.
    private static let busyMilliseconds: Int32 = 25

    /// `path` is the file, whatever the mode calls it.
    init(_ mode: Mode, path: String) throws(VaultFailure) {
        self.path = path
        let (name, flags) =
            switch mode {
            case .readWrite(let path): (path, SQLITE_OPEN_READWRITE)
            case .readOnly(let uri): (uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)
            }
        var opened: OpaquePointer?
        let result = unsafe sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard result == SQLITE_OK, let opened = unsafe opened else {
            let words = unsafe opened.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            let number = unsafe opened.map { unsafe sqlite3_system_errno($0) } ?? 0
            unsafe sqlite3_close_v2(opened)
            throw VaultFailure(sqlite: result, words, errno: number, path: path)
        }
        unsafe handle = opened
        unsafe sqlite3_busy_timeout(opened, Self.busyMilliseconds)
    }

    deinit {
        statements.removeAll()
        unsafe sqlite3_close_v2(handle)
    }

    /// Keeps the `-wal` and `-shm` files when the last connection closes, so that a reader need never create them.
    func keepSideFiles() throws(VaultFailure) {
        var yes: Int32 = 1
        try check(unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &yes))
    }

    /// Runs a script of several statements.
    func execute(_ script: String) throws(VaultFailure) {
        try check(unsafe sqlite3_exec(handle, script, nil, nil, nil))
    }

    /// Runs one statement; returns how many rows it inserted, updated or deleted.
    @discardableResult
    func run(_ sql: String, _ values: SQLValue...) throws(VaultFailure) -> Int {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        while try statement.step() {}
        return Int(unsafe sqlite3_changes(handle))
    }

    /// All rows of a query. `body` must not run the same query.
    func rows<Element>(
        _ sql: String, _ values: SQLValue..., body: (Row) throws(VaultFailure) -> Element
    ) throws(VaultFailure) -> [Element] {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        var elements: [Element] = []
        while try statement.step() { elements.append(try body(statement.row)) }
        return elements
    }

    /// The first row of a query; nil if it has none.
    func first<Element>(
        _ sql: String, _ values: SQLValue..., body: (Row) throws(VaultFailure) -> Element
    ) throws(VaultFailure) -> Element? {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        return try statement.step() ? try body(statement.row) : nil
    }

    private func prepared(_ sql: String, _ values: [SQLValue]) throws(VaultFailure) -> Statement {
        let statement: Statement
        if let known = statements[sql] {
            statement = known
        } else {
            statement = try unsafe Statement(sql, on: handle, path: path)
            statements[sql] = statement
        }
        try statement.bind(values)
        return statement
    }

    private func check(_ result: Int32) throws(VaultFailure) {
        guard result == SQLITE_OK else {
            throw unsafe VaultFailure(sqlite: result, on: handle, path: path)
        }
    }
}
