import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// Plans in files: what `plan --out` writes and `apply FILE` reads.
package struct SavedPlan: Sendable {
    /// As the user named it.
    package let name: String
    private let path: String
    private let files: any FileStore

    private static let sizeLimit = 512 << 20

    package init(name: String, path: String, files: any FileStore) {
        self.name = name
        self.path = path
        self.files = files
    }

    /// Saves what approving a plan means, with the plan as it was shown.
    package func write(_ approval: Approval, showing plan: JSON) throws(EngineFailure) {
        try checkPlace()
        do throws(FileFailure) {
            try files.replace(path, with: approval.json(showing: plan).bytes(.pretty))
        } catch {
            throw failure(error)
        }
    }

    package func read() throws(EngineFailure) -> Approval {
        let bytes: [UInt8]?
        do throws(FileFailure) {
            bytes = try files.read(path, limit: Self.sizeLimit)
        } catch {
            throw failure(error)
        }
        guard let bytes else {
            throw failure(
                "plan.no-file", "there is no saved plan \(name)",
                help: "mailkeel plan --out \(ShellWord(name)) makes it")
        }
        do throws(ApprovalFault) {
            return try Approval(parsing: bytes)
        } catch {
            throw failure(
                "plan.unreadable", "\(name) cannot be applied: \(error.reason)",
                help: "make it again with mailkeel plan --out, and review it again")
        }
    }

    /// Another file must not be lost because somebody mistyped a name; nor a device, which a file would take the place of.
    private func checkPlace() throws(EngineFailure) {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let last = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let isFree: Bool
        do throws(FileFailure) {
            guard let entry = try files.list(directory).first(where: { $0.name == last }) else { return }
            let head = entry.kind == .file ? try files.head(of: path, count: 512) : nil
            isFree = entry.kind == .file && Self.isReplaceable(head)
        } catch {
            throw failure(error)
        }
        guard isFree else {
            throw failure(
                "plan.not-overwritten", "\(name) is there and is no saved plan; it was not overwritten",
                help: "name another file, or remove this one")
        }
    }

    private static func isReplaceable(_ head: FileHead?) -> Bool {
        guard let head, head.size > 0 else { return true }
        return String(decoding: head.bytes, as: UTF8.self).contains("\"type\": \"approval\"")
    }

    private func failure(_ error: FileFailure) -> EngineFailure {
        failure(
            "file.\(error.code.rawValue)", error.description, help: "check the path, its permissions and the free space"
        )
    }

    private func failure(_ code: String, _ message: String, help: String) -> EngineFailure {
        EngineFailure([Diagnostic(.error, code, message, help: help, responsible: .operatorHere)])
    }
}
