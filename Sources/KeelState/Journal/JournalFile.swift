import KeelBase

/// The journal of a run, open for appending.
struct JournalFile: Sendable {
    private let file: any AppendingFile
    private(set) var size: Int

    /// A journal with its first line.
    init(_ path: String, _ header: Journal.Header, files: any FileStore) throws(FileFailure) {
        file = try files.openAppending(path)
        let line = JournalLine.header(header)
        size = line.count
        do throws(FileFailure) {
            try file.append(line)
            try file.synchronize()
        } catch {
            file.close()
            throw error
        }
    }

    /// Returns when the line is on stable storage.
    mutating func append(_ line: [UInt8]) async throws(FileFailure) {
        size += line.count
        try await Self.write(line, to: file)
    }

    /// Elsewhere than on the caller's actor: what arrives there meanwhile becomes the next line.
    @concurrent
    private static func write(_ line: [UInt8], to file: any AppendingFile) async throws(FileFailure) {
        try file.append(line)
        try file.synchronize()
    }

    func close() { file.close() }
}
