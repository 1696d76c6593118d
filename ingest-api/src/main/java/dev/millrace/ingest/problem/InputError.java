package dev.millrace.ingest.problem;

/**
 * One thing that is wrong with a request.
 *
 * @param where what kind of name it is
 * @param name a JSON pointer as a URI fragment ({@code #/data/value}), or the name of a parameter or header
 * @param detail what is wrong, as the end of a sentence that begins with the name
 */
public record InputError(Where where, String name, String detail) {
    /** What a wrong input is part of. */
    public enum Where {
        POINTER("pointer"),
        PARAMETER("parameter"),
        HEADER("header");

        private final String word;

        Where(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /** An error in the body. */
    public static InputError at(String pointer, String detail) {
        return new InputError(Where.POINTER, pointer, detail);
    }

    /** An error in a path or query parameter. */
    public static InputError parameter(String name, String detail) {
        return new InputError(Where.PARAMETER, name, detail);
    }
}
