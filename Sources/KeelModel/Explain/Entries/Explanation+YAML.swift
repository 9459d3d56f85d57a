extension Explanation {
    /// What is wrong with a file as YAML.
    static let yaml = [
        Explanation(
            "yaml.syntax", "The file is no YAML",
            "The parser could not go on. The caret shows where it noticed, or where the construct began that it could not end. What stands behind it was not read, so other mistakes of the file show when this one is mended.",
            fix: "Correct the line; the help line of the finding says what is usual there.",
            before: "metadata: { name: support", after: "metadata: { name: support }"),
        Explanation(
            "yaml.encoding", "The file is not UTF-8",
            "Manifests are UTF-8, with or without a byte order mark. UTF-16 and single bytes of older encodings are refused, because two readers would see two texts.",
            fix: "Save the file as UTF-8."),
        Explanation(
            "yaml.character", "A character that nobody sees",
            "Control characters and marks that change the direction of writing can make a line look like another one to a reviewer.",
            fix: "Remove the character, or write it as an escape between double quotes."),
        Explanation(
            "yaml.duplicate-key", "A key stands twice in a mapping",
            "YAML readers disagree about which of the two holds (YAML 1.2 section 3.2.1.3 forbids it).",
            fix: "Remove one of them.", before: "port: 993\nport: 143", after: "port: 993"),
        Explanation(
            "yaml.key", "A key is missing or no text",
            "Names of fields are texts. A line that begins with a brace or a bracket is read as a mapping or a list.",
            fix: "Write name: value, and put a text that begins with { or [ in quotes."),
        Explanation(
            "yaml.merge-key", "Merge keys are not supported",
            "<<: belongs to YAML 1.1 and is gone from 1.2. Reviewers would have to assemble a resource in their heads.",
            fix: "Write the fields out in each resource; for many alike accounts use an EmailAccountSet.",
            before: "<<: *defaults", after: "type: imap"),
        Explanation(
            "yaml.alias", "An alias without its anchor",
            "*name stands for the node that was marked by &name before it in the same document.",
            fix: "Write the anchor before it; put a text that begins with * in quotes."),
        Explanation(
            "yaml.tag", "An unknown tag",
            "A tag such as !secret is another tool's. Only the standard ones (!!str, !!int, !!bool, !!null, !!float, !!seq, !!map) have a meaning here.",
            fix: "Remove the tag. Where a secret comes from is said by fromEnv, fromFile and the like."),
        Explanation(
            "yaml.version", "Another version of YAML",
            "The directive at the head of the file names a version that is not known.",
            fix: "Write %YAML 1.2, or remove the line."),
        Explanation(
            "yaml.limit", "The file exceeds a limit",
            "A file may have 16 MiB, 64 levels and 100,000 documents, and aliases may not multiply its size: a small file must not fill the memory of a pipeline.",
            fix: "Split it into several files."),
    ]
}
