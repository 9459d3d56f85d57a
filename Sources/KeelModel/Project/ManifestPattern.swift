import KeelBase

/// One entry of `spec.manifests` in the project file: `accounts/**/*.yaml`.
///
/// `*` stands for any characters of one name, `?` for one character, `**` for any number of directories. A tree is walked
/// with the places in the pattern that can still be reached, so each name is looked at once.
package struct ManifestPattern: Sendable, Hashable {
    private enum Segment: Hashable {
        case name([UInt8])
        /// Any number of directories, none too.
        case directories
    }

    /// As it was written.
    package let text: String
    private let segments: [Segment]
    /// Deeper trees are not walked.
    private static let maxSegments = 32

    /// Why a text is no pattern, in words that follow the text.
    package struct Fault: Error, Sendable, Equatable {
        package let reason: String
        package let help: String
    }

    package init(parsing text: String) throws(Fault) {
        guard !text.hasPrefix("/") else {
            throw Fault(reason: "leads out of the project", help: "write it from the directory of the project file")
        }
        var segments: [Segment] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false) where part != "." {
            segments.append(try Self.segment(part, in: text))
        }
        guard segments.count <= Self.maxSegments else {
            throw Fault(
                reason: "is deeper than \(Self.maxSegments) directories", help: "shorten it with **")
        }
        guard case .name? = segments.last else {
            throw Fault(reason: "names no files", help: "end it with the files, as in **/*.yaml")
        }
        self.text = text
        self.segments = segments
    }

    private static func segment(_ part: Substring, in text: String) throws(Fault) -> Segment {
        if part == "**" { return .directories }
        if part.isEmpty {
            throw text.hasSuffix("/")
                ? Fault(reason: "names a directory", help: "name the files in it: \(text)**/*.yaml")
                : Fault(reason: "has two slashes in a row", help: "remove one of them")
        }
        if part == ".." {
            throw Fault(reason: "leads out of the project", help: "write it from the directory of the project file")
        }
        if part.hasPrefix(".") {
            throw Fault(reason: "names a hidden path", help: "hidden paths are never read; move the files")
        }
        if part.contains("**") {
            throw Fault(reason: "has ** beside other characters", help: "** stands alone between slashes: **/*.yaml")
        }
        if let special = part.first(where: { "[]{}\\!".contains($0) }) {
            throw Fault(
                reason: "holds \(special)", help: "only *, ? and ** have a meaning; list several patterns instead")
        }
        return .name(Array(part.utf8))
    }

    /// The places in a pattern that a directory has reached.
    package struct Reach: Sendable, Hashable {
        /// A bit for each segment that the next name may match.
        fileprivate var open: UInt64

        /// Whether nothing below the directory can match.
        package var isEmpty: Bool { open == 0 }
    }

    /// What can match in the project's own directory.
    package var start: Reach {
        var reach = Reach(open: 0)
        enter(0, &reach)
        return reach
    }

    /// What can match below a directory of this name.
    package func below(_ name: String, from reach: Reach) -> Reach {
        var next = Reach(open: 0)
        for (index, segment) in segments.enumerated() where reach.open & (1 << UInt64(index)) != 0 {
            switch segment {
            case .directories: enter(index, &next)
            // The last segment is of a file.
            case .name(let pattern) where index + 1 < segments.count && Self.matches(pattern, name):
                enter(index + 1, &next)
            case .name: continue
            }
        }
        return next
    }

    /// Whether a file of this name matches.
    package func matches(file name: String, from reach: Reach) -> Bool {
        let last = segments.count - 1
        guard reach.open & (1 << UInt64(last)) != 0, case .name(let pattern) = segments[last] else { return false }
        return Self.matches(pattern, name)
    }

    private func enter(_ index: Int, _ reach: inout Reach) {
        reach.open |= 1 << UInt64(index)
        if case .directories = segments[index] { enter(index + 1, &reach) }
    }

    /// Whether one name matches. A mismatch goes back to the last `*` only, for an earlier one could do no better.
    private static func matches(_ pattern: [UInt8], _ name: String) -> Bool {
        let name = Array(name.utf8)
        var (at, here) = (0, 0)
        var star: (pattern: Int, name: Int)?
        while here < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, here)
                at += 1
            } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") {
                at += 1
                here = scalarEnd(in: name, after: here)
            } else if at < pattern.count, pattern[at] == name[here] {
                at += 1
                here += 1
            } else if let last = star {
                let retry = scalarEnd(in: name, after: last.name)
                star = (last.pattern, retry)
                (at, here) = (last.pattern + 1, retry)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// The end of the Unicode scalar that begins there.
    private static func scalarEnd(in name: [UInt8], after start: Int) -> Int {
        var end = start + 1
        while end < name.count, name[end] & 0xC0 == 0x80 { end += 1 }
        return end
    }
}
