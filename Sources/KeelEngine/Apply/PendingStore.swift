import KeelBase
import KeelDiagnostics
import KeelPlan

/// What was approved and waits for a person, kept until it is done: `apply --pending` does exactly it.
package struct PendingStore: Sendable {
    private let path: String
    private let files: any FileStore
    private static let sizeLimit = 256 << 20

    package init(_ paths: ProjectPaths, files: any FileStore) {
        path = paths.pending
        self.files = files
    }

    /// What is kept; nil if nothing is.
    package func load() throws(EngineFailure) -> Approval? {
        let bytes: [UInt8]?
        do throws(FileFailure) {
            bytes = try files.read(path, limit: Self.sizeLimit)
        } catch {
            throw EngineFailure(error)
        }
        guard let bytes else { return nil }
        do throws(ApprovalFault) {
            return try Approval(parsing: bytes)
        } catch {
            throw EngineFailure([
                Diagnostic(
                    .error, "plan.unreadable", "\(path): \(error.reason)",
                    help: "remove the file and run mailkeel apply: it plans what is left to do anew",
                    responsible: .operatorHere)
            ])
        }
    }

    /// Keeps what is left of an approved plan; forgets what was kept when nothing is.
    func keep(_ approval: Approval, of plan: Plan) throws(EngineFailure) {
        do throws(FileFailure) {
            guard !approval.items.isEmpty else { return try files.remove(path) }
            // The state may be kept elsewhere, and then nothing has made it.
            if let slash = path.lastIndex(of: "/") { try files.createDirectory(String(path[..<slash])) }
            let json = approval.json(showing: plan.json { _ in .null })
            try files.replace(path, with: json.bytes(.pretty))
        } catch {
            throw EngineFailure(error)
        }
    }
}
