// What a C++ program calls in its run-time library: storage, streams, strings, containers, exceptions.
#include <fstream>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

struct Base {
	virtual ~Base() {}
};

struct Derived : Base {
	int value = 3;
};

static int thrower(int kind) {
	if (kind == 0) throw std::runtime_error("thrown");
	if (kind == 1) throw 7;
	return std::vector<int>().at(3);
}

int main() {
	std::string text = "hello";
	text += " world, and more than fits";
	text.append("!").push_back('?');
	std::cout << text << " " << 42 << ' ' << 1.5 << " " << 7ul << " " << true << std::endl;
	std::map<std::string, int> counts;
	counts["one"] = 1;
	counts["two"] = 2;
	counts.erase("one");
	std::unordered_map<std::string, int> hashed;
	hashed["key"] = 1;
	std::list<int> numbers{1, 2, 3};
	numbers.remove(2);
	std::unique_ptr<Base> base(new Derived);
	if (dynamic_cast<Derived *>(base.get())) std::cerr << "derived\n";
	for (int kind = 0; kind < 3; kind++) {
		try {
			thrower(kind);
		} catch (const std::exception &error) {
			std::cout << error.what() << "\n";
		} catch (int number) {
			std::cout << number << std::endl;
		}
	}
	std::ostringstream made;
	made << "x" << 1;
	std::cout << made.str() << text.find("wor") << text.compare("a") << std::stoi("12") << std::endl;
	std::ifstream file("/etc/hostname");
	std::string line;
	std::getline(file, line);
	int *array = new int[10];
	delete[] array;
	return 0;
}
