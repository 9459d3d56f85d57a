/// Where the files of a state stand.
package struct StatePaths: Sendable, Hashable {
    /// The state file itself.
    package let state: String

    package init(state: String) { self.state = state }

    package var journal: String { state + ".journal" }
    package var lock: String { state + ".lock" }
    package var lockRecord: String { state + ".lock.info" }
    /// The directory of earlier states, one file for each run that changed something.
    package var history: String { (directory == "/" ? "" : directory) + "/history" }

    package var directory: String {
        guard let slash = state.lastIndex(of: "/") else { return "." }
        return slash == state.startIndex ? "/" : String(state[..<slash])
    }

    /// Where the state with this serial is kept. Two states of one serial, which only a restore by hand can make, have
    /// different `copy` numbers.
    package func backup(serial: Int, copy: Int = 1) -> String {
        let digits = String(serial)
        let padded = String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        return "\(history)/\(prefix)\(padded)\(copy > 1 ? "-\(copy)" : "").json"
    }

    /// The serial of a name in the history; nil if it is none of ours.
    func serial(ofBackup name: String) -> Int? {
        guard name.hasPrefix(prefix), name.hasSuffix(".json") else { return nil }
        let digits = name.dropFirst(prefix.count).dropLast(".json".count).split(separator: "-", maxSplits: 1)
        guard let first = digits.first, first.utf8.count >= 8, first.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            return nil
        }
        return Int(first)
    }

    /// `state.`, from the name of the state file: two states may stand in one directory.
    private var prefix: String {
        let name = state.split(separator: "/").last.map(String.init) ?? state
        return (name.hasSuffix(".json") ? String(name.dropLast(".json".count)) : name) + "."
    }
}
