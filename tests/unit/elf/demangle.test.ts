// C++ names as strace and c++filt write them.
import { expect, test } from "vitest";
import { demangle } from "../../../src/elf/demangle.js";

test.each([
  ["_Z1fRSo", "f(std::ostream&)"],
  [
    "_Z1gPNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE",
    "g(std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >*)",
  ],
  ["_Z1hIiEPFviET_", "void (*h<int>(int))(int)"],
  ["_Z1tIlET_S0_", "long t<long>(long)"],
  ["_ZN12_GLOBAL__N_14anonERA3_i", "(anonymous namespace)::anon(int (&) [3])"],
  ["_ZN1A1mIcEEvPT_", "void A::m<char>(char*)"],
  ["_ZN1AC2Ei", "A::A(int)"],
  ["_ZN1AcvPiEv", "A::operator int*()"],
  ["_ZN2ns1SIiED1Ev", "ns::S<int>::~S()"],
  ["_ZNK2ns1QclEi", "ns::Q::operator()(int) const"],
  ["_ZZ4mainENKUliE_clEi", "main::{lambda(int)#1}::operator()(int) const"],
  ["_ZL4statSt6vectorIiSaIiEEPFicE", "stat(std::vector<int, std::allocator<int> >, int (*)(char))"],
  ["_ZNSdC1Ev", "std::basic_iostream<char, std::char_traits<char> >::basic_iostream()"],
])("%s", (mangled, written) => {
  expect(demangle(mangled)).toBe(written);
});

test("what is no C++ name stays as it is", () => {
  for (const name of [
    "main",
    "_Z",
    "_Zx",
    "_ZN",
    "_ZN9A1BEv",
    "_Z1fS9_",
    "_Z1fT_",
    `_Z1f${"P".repeat(1000)}i`,
    "_Z99999999999f",
  ]) {
    expect(demangle(name)).toBeUndefined();
  }
});
