import KeelBase
import KeelModel

/// Which directory a command works in.
package struct ProjectDirectory: Sendable, Equatable {
    /// As this process sees it.
    package let path: String
    /// Whether it is the machine's project, which nobody named: worth a word.
    package let isSystems: Bool

    /// More names than this are not looked at.
    private static let maxEntries = 10_000

    /// The directory that `--chdir` names, else the one that `MAILKEEL_PROJECT` names, else the current one; but where that
    /// has nothing of a project, and the machine has a project of its own, that one.
    ///
    /// `readsManifests`: whether a directory with a manifest somewhere below counts. Commands that read no manifest find
    /// nothing in a project that has neither a file of its own nor a state.
    package init(
        chdir: String?, variable: String?, system: String, readsManifests: Bool, current: String = ".",
        files: any FileStore
    ) {
        if let named = chdir ?? variable {
            self.init(path: named, isSystems: false)
            return
        }
        // Most machines have none, and then nothing else is looked at.
        let isOwn =
            !ProjectFile.fileNames.contains { Self.has($0, in: system, files) ?? false }
            || (ProjectFile.fileNames + [ProjectPaths.hiddenDirectory]).contains {
                Self.has($0, in: current, files) ?? true
            }
            || readsManifests && Self.mayHoldManifests(current, files)
        self.init(path: isOwn ? current : system, isSystems: !isOwn)
    }

    private init(path: String, isSystems: Bool) {
        self.path = path
        self.isSystems = isSystems
    }

    /// Nil if that cannot be said.
    private static func has(_ name: String, in directory: String, _ files: any FileStore) -> Bool? {
        do throws(FileFailure) {
            return try files.mode(ProjectPaths.join(directory, name)) != nil
        } catch {
            return nil
        }
    }

    /// Whether a manifest stands below the directory; also if there is too much to look through.
    private static func mayHoldManifests(_ directory: String, _ files: any FileStore) -> Bool {
        var waiting = [directory]
        var seen = 0
        while let next = waiting.popLast() {
            guard let entries = try? files.list(next) else { return true }
            for entry in entries where !entry.name.hasPrefix(".") {
                seen += 1
                guard seen <= maxEntries else { return true }
                let path = ProjectPaths.join(next, entry.name)
                switch entry.kind {
                case .directory: waiting.append(path)
                case .file where ManifestWalk.mayHoldManifests(entry.name):
                    guard let head = try? files.head(of: path, count: 64 << 10) else { return true }
                    if head.bytes.firstRange(of: ManifestWalk.marker) != nil { return true }
                case .file, .other: continue
                }
            }
        }
        return false
    }
}
