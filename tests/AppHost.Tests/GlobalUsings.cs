global using Aspire.Hosting;
global using Aspire.Hosting.ApplicationModel;
global using Shouldly;
global using Xunit;
