import KeelBase
import KeelMail

/// What was said in tests, kept in files for whoever looks for the cause of a failure: without credentials, the newest of
/// each account, and of none more than anybody reads.
package struct WireTranscripts: Sendable {
    /// How many are kept of an account.
    static let most = 10
    /// The most that is kept of what was said in one test, in bytes.
    static let limit = 128 * 1024

    private let directory: String
    private let files: any FileStore
    private let time: any TimeSource

    package init(directory: String, files: any FileStore, time: any TimeSource) {
        self.directory = directory
        self.files = files
        self.time = time
    }

    /// Where those of an account are.
    package func directory(of address: ResourceAddress) -> String { "\(directory)/\(address)" }

    /// Writes one of a test that is over. That it cannot be written is no failure of the test.
    func keep(_ trial: LoginTrial, of address: ResourceAddress) {
        guard !trial.transcripts.isEmpty else { return }
        let place = directory(of: address)
        do throws(FileFailure) {
            try files.createDirectory(place)
            files.removeLeftovers(in: place)
            let old = try files.list(place).map(\.name).filter { $0.hasSuffix(Self.ending) }
            try files.replace("\(place)/\(name(beside: old))", with: Self.text(trial))
            for name in old.sorted().dropLast(Self.most - 1) { try files.remove("\(place)/\(name)") }
        } catch {
            return
        }
    }

    private static let ending = ".txt"

    /// The time without what some file systems refuse in names; with a number where that time has a file already.
    private func name(beside others: [String]) -> String {
        let time = time.now.description.replacing(":", with: "-")
        var name = time + Self.ending
        var number = 2
        while others.contains(name) {
            // `-` sorts before `.`, so that the later of one second would come first.
            name = "\(time)_\(number)\(Self.ending)"
            number += 1
        }
        return name
    }

    /// What was said, and how each stage ended, which no long conversation pushes out.
    private static func text(_ trial: LoginTrial) -> [UInt8] {
        let stages = trial.report.stages.map { stage in
            let evidence = stage.evidence.isEmpty ? "" : ": \(stage.evidence)"
            return "\(stage.stage.rawValue) \(stage.outcome.rawValue)\(evidence)"
        }
        let said = cut(Array(trial.transcripts.map(\.timed).joined(separator: "\n\n").utf8))
        return said + Array("\n\n\(stages.joined(separator: "\n"))\n".utf8)
    }

    /// As many whole lines as are kept, and how much more there was.
    private static func cut(_ said: [UInt8]) -> [UInt8] {
        guard said.count > limit else { return said }
        let newline = UInt8(ascii: "\n")
        let kept = said[..<(said[..<limit].lastIndex(of: newline) ?? limit)]
        let note = "(cut here: \(said.count - kept.count) of \(said.count) bytes are missing)"
        return kept + [newline] + Array(note.utf8)
    }
}
