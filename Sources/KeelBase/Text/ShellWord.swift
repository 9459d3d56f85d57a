/// A word of a command line, quoted if a shell would take it for something else.
package struct ShellWord: CustomStringConvertible, Sendable {
    package let description: String

    package init(_ text: String) {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                    || "-_./:=@%+,".unicodeScalars.contains(scalar)
            }
        description = isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
