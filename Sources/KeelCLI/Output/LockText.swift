import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelState

/// The state lock in words. The block is the one that Terraform prints, which people and their tools know.
package enum LockText {
    /// Eight lines: a title and the seven members of the record.
    package static func block(_ record: LockRecord) -> String {
        """
        Lock Info:
          ID:        \(record.id)
          Path:      \(record.path)
          Operation: \(record.operation)
          Who:       \(record.who)
          Version:   \(record.version)
          Created:   \(record.created)
          Info:      \(record.info)

        """
    }

    /// Why `unlock` did not do it.
    package static func refusal(_ failure: StateFailure) -> Diagnostic {
        switch failure.code {
        case .locked:
            Diagnostic(
                .error, failure.code.rawValue, "the state was not unlocked: a living process holds the lock",
                help:
                    "wait until that run has ended; if it hangs, end it\(process(failure.holder)): the lock goes with it",
                responsible: .operatorHere)
        default:
            Diagnostic(
                .error, failure.code.rawValue, failure.reason, help: failure.remedy, responsible: .operatorHere)
        }
    }

    /// What to do when another run holds the lock.
    package static func help(_ holder: LockRecord?) -> String {
        "wait until that run has ended, or let this command wait: --lock-timeout 5m; if it hangs, end it\(process(holder)), and the lock goes with it"
    }

    /// ` (pid 4711 on runner7)`, as the record names them.
    private static func process(_ holder: LockRecord?) -> String {
        guard let holder, holder.info.hasPrefix("pid ") else { return "" }
        let host = holder.who.split(separator: "@", omittingEmptySubsequences: false).dropFirst().last
        return " (\(holder.info.prefix { $0 != "," })\(host.map { " on \($0)" } ?? ""))"
    }
}

extension Console {
    /// Shows a diagnostic with the record of the lock that it is about, and then what to do.
    func show(_ diagnostic: Diagnostic, holder: LockRecord?) throws {
        if isJSON {
            return try output(
                .present(
                    ("type", "diagnostic"), ("diagnostic", diagnostic.json(in: SourceMap())), ("lock", holder?.json)))
        }
        var headline = diagnostic
        headline.help = nil
        headline.responsible = nil
        remark(DiagnosticTextRenderer(sources: SourceMap(), color: errorStyle.color).render(headline))
        if let holder { remark(LockText.block(holder)) }
        if let help = diagnostic.help { remark(help.prefix(1).uppercased() + help.dropFirst() + ".") }
    }
}

extension CommandContext {
    /// Shows why the engine could not do its work.
    func show(_ failure: EngineFailure, sources: SourceMap = SourceMap()) throws {
        guard failure.reason == .locked else { return try console.show(failure.diagnostics, sources: sources) }
        try console.show(
            Diagnostic(
                .error, StateFailure.Code.locked.rawValue,
                "Error acquiring the state lock: another run is writing \(paths.state.state)",
                help: LockText.help(failure.holder), responsible: .operatorHere),
            holder: failure.holder)
    }
}
