package dev.caravan.event;

import java.util.List;

/** Names that break programs: each in text form, each a legal name of a Linux file. */
public final class NameZoo {

  /** One segment each, no two of which are equal. */
  public static final List<String> NAMES =
      List.of(
          "plain.txt",
          " leading blank",
          "trailing blank ",
          "trailing dot.",
          "...",
          ".hidden",
          "-rf",
          "--",
          "it's \"quoted\"",
          "new\nline",
          "tab\tand\rreturn",
          "\u0001control\u007F",
          "back\\slash",
          "per%cent %41 100%",
          "plus+sign",
          "hash#query?amp&eq=semi;colon:",
          "star*[a-z]{x,y}",
          "$(touch pwned) `x` | > <",
          "~",
          "@at,comma",
          "CaSe",
          "case",
          "caf\u00E9",
          "cafe\u0301",
          "\u00FC\u00DF\u0416\u4E2D\u0639",
          "emoji \uD83D\uDE9A\uD83C\uDFDC",
          "end of the planes \uFFFD \uE000 \uFFFF \uDBFF\uDFFF",
          "\u2028line separator",
          "\u202Ertl override",
          "\u201B",
          "a\u201Bz",
          "\u201B\u201B",
          "\u201B41 is no escape",
          "\u201B8 nor this",
          "\u201B\u201B80 is a quote and digits",
          "\u201B\u201B\u201B\u201B80 is two quotes and digits",
          "\u201B80",
          "latin \u201BE9t\u201BE9",
          "\u201B\u201B\u201BFF is a quote and a byte",
          "\u201BFF\u201B\u201BFF",
          "cut short \u201BF0\u201B9F\u201B9A",
          "surrogate \u201BED\u201BA0\u201B80",
          "n".repeat(255),
          "\u00E9".repeat(127) + "x");

  private NameZoo() {}
}
