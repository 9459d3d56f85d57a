import CSQLite
import KeelBase

/// A prepared statement.
@safe
final class Statement {
    private let handle: OpaquePointer
    /// For messages.
    private let path: String

    init(_ sql: String, on connection: OpaquePointer, path: String) throws(VaultFailure) {
        self.path = path
        var prepared: OpaquePointer?
        let result = unsafe sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard result == SQLITE_OK, let prepared = unsafe prepared else {
            throw unsafe VaultFailure(sqlite: result, on: connection, path: path)
        }
        unsafe handle = prepared
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Binds the values to `?1`, `?2` and so on.
    func bind(_ values: [SQLValue]) throws(VaultFailure) {
        for (index, value) in values.enumerated() {
            let result = bind(value, Int32(index + 1))
            guard result == SQLITE_OK else { throw failure(result) }
        }
    }

    /// Moves to the next row; false at the end.
    func step() throws(VaultFailure) -> Bool {
        let result = unsafe sqlite3_step(handle)
        switch result {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw failure(result)
        }
    }

    /// The row that `step` moved to.
    var row: Row { unsafe Row(handle) }

    /// Makes the statement ready for its next use and forgets what was bound.
    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    private func bind(_ value: SQLValue, _ index: Int32) -> Int32 {
        // SQLITE_TRANSIENT: SQLite copies before the call returns.
        let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return unsafe sqlite3_bind_null(handle, index)
        case .integer(let number): return unsafe sqlite3_bind_int64(handle, index, Int64(number))
        case .text(let text): return unsafe sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), copies)
        case .blob(let bytes):
            guard !bytes.isEmpty else { return unsafe sqlite3_bind_zeroblob(handle, index, 0) }
            return unsafe sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count), copies)
        }
    }

    private func failure(_ result: Int32) -> VaultFailure {
        unsafe VaultFailure(sqlite: result, on: sqlite3_db_handle(handle), path: path)
    }
}

extension VaultFailure {
    /// What a connection says of its last call.
    init(sqlite result: Int32, on connection: OpaquePointer?, path: String) {
        self.init(
            sqlite: result, unsafe String(cString: sqlite3_errmsg(connection)),
            errno: unsafe sqlite3_system_errno(connection), path: path)
    }
}

/// The columns of one row, from 0; valid until the statement moves on.
///
/// A column of another type than the schema's means that somebody else wrote the file.
@safe
struct Row {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) throws(VaultFailure) -> Int {
        try expect(SQLITE_INTEGER, column)
        return Int(unsafe sqlite3_column_int64(handle, column))
    }

    func text(_ column: Int32) throws(VaultFailure) -> String {
        try expect(SQLITE_TEXT, column)
        let start = unsafe sqlite3_column_text(handle, column)
        let bytes = unsafe UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    func blob(_ column: Int32) throws(VaultFailure) -> [UInt8] {
        try expect(SQLITE_BLOB, column)
        let start = unsafe sqlite3_column_blob(handle, column)
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    func optionalText(_ column: Int32) throws(VaultFailure) -> String? { isNull(column) ? nil : try text(column) }

    func optionalBlob(_ column: Int32) throws(VaultFailure) -> [UInt8]? { isNull(column) ? nil : try blob(column) }

    func time(_ column: Int32) throws(VaultFailure) -> Timestamp {
        Timestamp(seconds: Int64(try integer(column)))
    }

    func optionalTime(_ column: Int32) throws(VaultFailure) -> Timestamp? { isNull(column) ? nil : try time(column) }

    func grant(_ column: Int32) throws(VaultFailure) -> GrantID {
        guard let grant = GrantID(parsing: try text(column)) else { throw Self.unreadable("a grant id") }
        return grant
    }

    func optionalGrant(_ column: Int32) throws(VaultFailure) -> GrantID? { isNull(column) ? nil : try grant(column) }

    func address(_ column: Int32) throws(VaultFailure) -> ResourceAddress {
        guard let address = ResourceAddress(parsing: try text(column)) else { throw Self.unreadable("an address") }
        return address
    }

    /// A column that holds one of a closed set of words.
    func word<Word: RawRepresentable<String>>(_ column: Int32, _: Word.Type = Word.self) throws(VaultFailure) -> Word {
        guard let word = Word(rawValue: try text(column)) else { throw Self.unreadable("\(Word.self)") }
        return word
    }

    private func expect(_ type: Int32, _ column: Int32) throws(VaultFailure) {
        guard unsafe sqlite3_column_type(handle, column) == type else { throw Self.unreadable("column \(column)") }
    }

    private static func unreadable(_ what: String) -> VaultFailure {
        VaultFailure(.corrupt, "a row holds something else where \(what) should be")
    }
}
