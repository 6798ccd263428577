// Functions of the C++ library, and an exception that leaves one.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

static void fail(int x) {
  if (x) throw std::runtime_error("boom");
}

int main() {
  std::string text = "abc";
  text += "def";
  std::vector<int> numbers;
  numbers.push_back(3);
  try {
    fail(numbers[0]);
  } catch (std::exception &error) {
    puts(error.what());
  }
  puts(text.c_str());
  return 0;
}
